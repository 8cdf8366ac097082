/** The OpenAPI description of everything on the HTTP port, from the table of routes and from the contract. */
import type { Route } from '../route.ts';
import type { Contract, JsonContent, MethodOperation, MethodOperations } from './contract.ts';
import { methodExamples } from './method-examples.ts';
import { openSecurity, operationOf } from './operation.ts';
import { errorResponses, errorSchemas } from './refusals.ts';
import { createSchemaWriter, reachable } from './schemas.ts';

/** What there is to describe. */
export interface ApiDocumentOptions {
  readonly version: string;
  readonly contract: Contract;
  readonly routes: readonly Route[];
  /** Whether a method, as `/package.Service/Method`, has somebody who answers it. */
  readonly isAnswered: (procedure: string) => boolean;
  /** Whether a method needs no token on loopback. */
  readonly isOpen: (procedure: string) => boolean;
}

/** An OpenAPI description, as JSON. */
export interface ApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly [field: string]: unknown;
}

/** Makes the description. Throws when two schemas have the same title, or a field is not in the contract. */
export function createApiDocument({ version, contract, routes, isAnswered, isOpen }: ApiDocumentOptions): ApiDocument {
  const titled: Record<string, unknown> = {};
  const write = createSchemaWriter(contract.schemas, titled);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    if (route.about === undefined) continue;
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: write(operationOf(route, route.about, contract)),
    };
  }
  const methods = Object.fromEntries(
    Object.entries(contract.paths)
      .filter(([path]) => isAnswered(path))
      .map(([path, operations]) => [path, completed(operations, methodExamples[path] ?? {}, isOpen(path))]),
  );
  const services = contract.services.filter(({ name }) =>
    Object.keys(methods).some((path) => path.startsWith(`/${name}/`)),
  );
  return {
    openapi: '3.1.1',
    info: { title: 'beep-python', version, description, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    tags: [...chapters(routes), ...services],
    paths: { ...paths, ...methods },
    components: {
      schemas: { ...errorSchemas(contract), ...titled, ...reachable([paths, methods, titled], contract.schemas) },
      responses: errorResponses(),
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'The token stands in the token file, whose path the gateway prints at start.',
        },
      },
    },
  };
}

/** What the contract does not say of a method: an example, and whether it needs a token. */
function completed(operations: MethodOperations, example: object, isOpen: boolean): MethodOperations {
  return Object.fromEntries(
    Object.entries(operations).map(([method, operation]) => [
      method,
      { ...withExample(operation, example), ...(isOpen && { security: openSecurity }) },
    ]),
  );
}

function withExample(operation: MethodOperation, example: object): MethodOperation {
  const within = (content: JsonContent | undefined) =>
    content?.['application/json'] && { 'application/json': { ...content['application/json'], example } };
  const { requestBody, parameters } = operation;
  const body = within(requestBody?.content);
  return {
    ...operation,
    ...(body && { requestBody: { ...requestBody, content: body } }),
    ...(parameters && {
      parameters: parameters.map((one) => ({ ...one, ...(one.content && { content: within(one.content) }) })),
    }),
  };
}

const description = `The gateway that lets any program run Python.

**Plain routes** take and answer JSON made for people and scripts. **Methods**, such as \`/beep.python.v1.ExecuteService/Run\`, are the contract that all clients share: here with JSON by the Connect protocol, on the same port by gRPC and gRPC-Web too. In their answers, fields that are empty, 0 or false are left out; 64-bit numbers are strings, bytes base64. In bodies, null counts as absent.`;

/** The tags of routes, in the order of the table. */
function chapters(routes: readonly Route[]): { name: string }[] {
  return [...new Set(routes.flatMap(({ about }) => about?.tag ?? []))].map((name) => ({ name }));
}
