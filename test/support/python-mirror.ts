/** A mirror of interpreters on the loopback: an archive of one of this machine, a list of it, and a server that can misbehave. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { hostPlatform } from '../../src/runtimes/platform.ts';
import { createTestFolder, sharedAdminFolder } from '../integration/setup/test-home.ts';

/** How the server answers a request for the archive; by default with the archive. */
export type Answer = (response: ServerResponse, archive: Buffer, request: IncomingMessage) => void;

/** What the list says of the interpreter; the truth, where nothing else is given. */
export interface ListEntry {
  readonly url?: string;
  readonly sha256?: string | null;
  readonly version?: string;
}

/** A running one. */
export interface PythonMirror extends AsyncDisposable {
  /** Of the interpreter in the archive. */
  readonly version: string;
  readonly key: string;
  /** Address of the server. */
  readonly url: string;
  /** Path of the archive. */
  readonly archive: string;
  readonly sha256: string;
  /** Path of the list. */
  readonly list: string;
  /** How often the archive was asked for. */
  readonly asked: number;
  /** Writes the list anew, and answers as told from now on. */
  set(entries: readonly ListEntry[], answer?: Answer): void;
}

/** Makes the archive and starts the server on a free port; `hasPip`: environments with pip can be made from it. */
export async function startPythonMirror({ hasPip = false } = {}): Promise<PythonMirror> {
  const folder = await createTestFolder();
  const archive = join(folder.path, 'python.tar.gz');
  const list = join(folder.path, 'downloads.json');
  const python = realpathSync(join(sharedAdminFolder(), 'bin', 'python'));
  const pack = join(import.meta.dirname, 'pack_python.py');
  const version = execFileSync(python, ['-I', pack, archive, ...(hasPip ? ['--with-pip'] : [])], {
    encoding: 'utf8',
  }).trim();
  const bytes = readFileSync(archive);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  let answer: Answer = whole;
  let asked = 0;
  const server = createServer((request, response) => {
    if (request.url === '/downloads.json') return void response.end(readFileSync(list));
    asked++;
    answer(response, bytes, request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const set = (entries: readonly ListEntry[], how: Answer = whole) => {
    answer = how;
    const all = entries.map((entry) => listed({ url: `${url}/python.tar.gz`, sha256, version, ...entry }));
    writeFileSync(list, JSON.stringify(Object.fromEntries(all.map((one, index) => [`entry-${index}`, one]))));
  };
  set([{}]);
  return {
    version,
    key: `cpython-${version}-${hostPlatform()}`,
    url,
    archive,
    sha256,
    list,
    get asked() {
      return asked;
    },
    set,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
      await folder[Symbol.asyncDispose]();
    },
  };
}

const whole: Answer = (response, archive) => {
  response.writeHead(200, { 'content-length': archive.length }).end(archive);
};

function listed({ url, sha256, version }: Required<ListEntry>) {
  const [major, minor, patch] = version.split('.').map(Number);
  const [os, family, libc] = hostPlatform().split('-');
  const arch = { family, variant: null };
  return {
    name: 'cpython',
    arch,
    os,
    libc,
    major,
    minor,
    patch,
    prerelease: '',
    url,
    sha256,
    variant: null,
    build: '1',
  };
}
