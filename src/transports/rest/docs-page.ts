/** `/docs`: the description as a page. Its files are read when somebody asks for them: the renderer's are large. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { errors } from '../../errors.ts';
import { pageHeaders } from './pages.ts';
import type { Route } from './route.ts';

const html = 'text/html; charset=utf-8';
const script = 'text/javascript; charset=utf-8';
const style = 'text/css; charset=utf-8';

/** The routes of the page in `folder`. */
export function docsRoutes(folder: string): Route[] {
  const renderer = rendererFolder(folder);
  return [
    fileRoute('/docs', html, folder, 'index.html'),
    fileRoute('/docs/page.js', script, folder, 'page.js'),
    fileRoute('/docs/page.css', style, folder, 'page.css'),
    fileRoute('/docs/swagger-ui-bundle.js', script, renderer, 'swagger-ui-bundle.js'),
    fileRoute('/docs/swagger-ui.css', style, renderer, 'swagger-ui.css'),
  ];
}

/** Swagger UI: beside the page in a package that was built, among the packages in a working copy. */
function rendererFolder(folder: string): string | undefined {
  const built = join(folder, 'swagger-ui');
  if (existsSync(built)) return built;
  try {
    return dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  } catch {
    return undefined;
  }
}

function fileRoute(path: string, contentType: string, folder: string | undefined, file: string): Route {
  let read: Promise<{ body: Buffer; etag: string }> | undefined;
  return {
    method: 'GET',
    path,
    open: true,
    async handler(request) {
      if (folder === undefined) throw errors.routeNotFound(path);
      read ??= readTagged(join(folder, file));
      const { body, etag } = await read;
      const headers = { 'content-type': contentType, 'cache-control': 'no-cache', etag, ...pageHeaders };
      return request.headers.get('if-none-match') === etag
        ? { status: 304, headers: { etag }, body: undefined }
        : { status: 200, headers, body };
    },
  };
}

async function readTagged(path: string): Promise<{ body: Buffer; etag: string }> {
  const body = await readFile(path);
  return { body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
}
