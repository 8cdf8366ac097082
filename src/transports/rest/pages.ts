/** Static pages: `/` and `/assets/*`, from an exact list of files that is read once at start. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Route } from './route.ts';

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** Pages load nothing from elsewhere, run no inline code, and stand in nobody's frame. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Routes for `index.html` at `/` and for the files of `assets/`; other kinds of files are left out. */
export async function pageRoutes(folder: string): Promise<Route[]> {
  const assets = await readdir(join(folder, 'assets'), { withFileTypes: true }).catch(() => []);
  const files = assets
    .filter((entry) => entry.isFile() && extname(entry.name) in contentTypes)
    .map(({ name }) => `assets/${name}`);
  const index = await readFile(join(folder, 'index.html'));
  return [
    pageRoute('/', 'text/html; charset=utf-8', index),
    ...(await Promise.all(
      files.map(async (file) =>
        pageRoute(`/${file}`, contentTypes[extname(file)] as string, await readFile(join(folder, file))),
      ),
    )),
  ];
}

function pageRoute(path: string, contentType: string, body: Uint8Array): Route {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  const headers = { 'content-type': contentType, 'cache-control': 'no-cache', etag, ...pageHeaders };
  return {
    method: 'GET',
    path,
    open: true,
    handler: (request) =>
      request.headers.get('if-none-match') === etag
        ? { status: 304, headers: { etag }, body: undefined }
        : { status: 200, headers, body },
  };
}
