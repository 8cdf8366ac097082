/** `/openapi.json`: the description, made when somebody asks for the first time. */
import { createHash } from 'node:crypto';
import type { MountedService } from '../../../call.ts';
import type { Route } from '../route.ts';
import { readContract } from './contract.ts';
import { createApiDocument } from './document.ts';

/** What it describes. */
export interface OpenApiRouteOptions {
  readonly version: string;
  /** Read when the description is made, so that it may hold this route too. */
  readonly routes: readonly Route[];
  readonly services: readonly MountedService[];
  /** Whether a method needs no token on loopback. */
  readonly isOpen: (procedure: string) => boolean;
}

/** The route. */
export function openApiRoute(options: OpenApiRouteOptions): Route {
  let made: Promise<{ body: string; etag: string }> | undefined;
  return {
    method: 'GET',
    path: '/openapi.json',
    open: true,
    about: {
      name: 'getOpenApi',
      tag: 'Gateway',
      summary: 'This description',
      answers: {
        200: {
          description: 'OpenAPI 3.1; the page at `/docs` shows it',
          content: { 'application/json': { schema: { type: 'object', required: ['openapi', 'info', 'paths'] } } },
        },
      },
    },
    async handler({ headers }) {
      made ??= make(options);
      const { body, etag } = await made;
      const common = { etag, 'cache-control': 'no-cache' };
      if (headers.get('if-none-match') === etag) return { status: 304, headers: common, body: undefined };
      return { status: 200, headers: { 'content-type': 'application/json', ...common }, body };
    },
  };
}

async function make({
  version,
  routes,
  services,
  isOpen,
}: OpenApiRouteOptions): Promise<{ body: string; etag: string }> {
  const answered = new Set(
    services.flatMap(({ service, impl }) =>
      service.methods
        .filter(({ localName }) => impl[localName] !== undefined)
        .map(({ name }) => `/${service.typeName}/${name}`),
    ),
  );
  const contract = await readContract();
  const document = createApiDocument({
    version,
    contract,
    routes,
    isAnswered: (procedure) => answered.has(procedure),
    isOpen,
  });
  const body = `${JSON.stringify(document)}\n`;
  return { body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
}
