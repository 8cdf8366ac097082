/** A package index on the loopback, which can be told to misbehave in the ways that real ones do. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createTestFolder } from '../integration/setup/test-home.ts';
import { normalized, type PackageFile } from './wheel.ts';

/** How it answers. */
export interface PackageIndexOptions {
  readonly files?: readonly PackageFile[];
  /** Wants these, by basic authentication. */
  readonly credentials?: { readonly user: string; readonly password: string };
  /** Its certificate is one that nobody trusts. */
  readonly tls?: boolean;
  /** Answers a request itself by returning true; the path is without its query. */
  readonly misbehave?: (path: string, response: ServerResponse, request: IncomingMessage) => boolean;
  /** The digest that it announces for a file; by default the true one. */
  readonly announce?: (file: PackageFile) => string;
}

/** A running one. */
export interface TestIndex extends AsyncDisposable {
  /** Address for `index.default_index`. */
  readonly url: string;
  /** The same with the credentials in it. */
  readonly urlWithCredentials: string;
  /** Paths that were asked for, in order. */
  readonly asked: readonly string[];
}

/** Starts one on a free port. */
export async function startPackageIndex(options: PackageIndexOptions = {}): Promise<TestIndex> {
  const asked: string[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const path = decodeURIComponent((request.url ?? '/').split('?')[0] as string);
    asked.push(path);
    if (options.credentials && !hasCredentials(request, options.credentials)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="packages"' }).end('who are you?');
      return;
    }
    if (options.misbehave?.(path, response, request) === true) return;
    serve(path, response, options);
  };
  const server = options.tls ? createTlsServer(await untrustedCertificate(), answer) : createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const scheme = options.tls ? 'https' : 'http';
  const { user, password } = options.credentials ?? { user: '', password: '' };
  return {
    url: `${scheme}://${host}/simple`,
    urlWithCredentials: `${scheme}://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}/simple`,
    asked,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function serve(
  path: string,
  response: ServerResponse,
  { files = [], announce = ({ sha256 }) => sha256 }: PackageIndexOptions,
) {
  const name = /^\/simple\/([^/]+)\/$/.exec(path)?.[1];
  if (name !== undefined) {
    const found = files.filter((file) => file.name === normalized(name));
    if (found.length === 0) return void response.writeHead(404).end('no such package');
    const body = {
      meta: { 'api-version': '1.1' },
      name,
      versions: [],
      files: found.map((file) => ({
        filename: file.fileName,
        url: `/files/${file.fileName}`,
        hashes: { sha256: announce(file) },
        'requires-python': file.requiresPython,
        'upload-time': '2024-01-01T00:00:00Z',
        size: file.bytes.length,
      })),
    };
    response.writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json' }).end(JSON.stringify(body));
    return;
  }
  const file = files.find(({ fileName }) => path === `/files/${fileName}`);
  if (file === undefined) return void response.writeHead(404).end('no such file');
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': file.bytes.length });
  response.end(file.bytes);
}

function hasCredentials(request: IncomingMessage, { user, password }: { user: string; password: string }): boolean {
  return request.headers.authorization === `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** Made anew for each server: no key lies in the repository. */
async function untrustedCertificate(): Promise<{ key: Buffer; cert: Buffer }> {
  await using folder = await createTestFolder();
  const [key, cert] = [join(folder.path, 'key.pem'), join(folder.path, 'cert.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const name = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', key, '-out', cert, '-days', '2', ...name], {
    stdio: 'ignore',
  });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}
