/** Calls of the real uv from a home of the test's own, with a package cache that holds nothing yet. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PackageIndex } from '../../../src/uv/package-index.ts';
import { runUv, type UvCall, type UvPlaces, type UvResult } from '../../../src/uv/run.ts';
import { createTestFolder, sharedAdminFolder } from '../setup/test-home.ts';

/** A place to call uv from. */
export interface UvPlace extends AsyncDisposable {
  readonly path: string;
  readonly places: UvPlaces;
  /** An environment without packages. */
  readonly venv: string;
  /** The version of its interpreter. */
  readonly python: string;
  /** `uv pip install` of what the input says. */
  install(input: string, index: PackageIndex, call?: Partial<UvCall>): Promise<UvResult>;
}

/** No index but the one that is named, and no second try. */
export function onlyIndex(defaultIndex: string, more: Partial<PackageIndex> = {}): PackageIndex {
  return {
    defaultIndex,
    extraIndexes: [],
    findLinks: [],
    noIndex: false,
    offline: false,
    allowBuild: false,
    requireHashes: false,
    excludeNewer: undefined,
    insecureHosts: [],
    certificateFile: undefined,
    clientCertificateFile: undefined,
    proxy: undefined,
    timeoutSeconds: undefined,
    ...more,
  };
}

/** Makes one. */
export async function createUvPlace(): Promise<UvPlace> {
  const folder = await createTestFolder();
  const { path } = folder;
  const places = {
    uv: join(sharedAdminFolder(), 'bin', 'uv'),
    packageCache: join(path, 'cache'),
    runtimes: join(path, 'runtimes'),
    emptyFolder: join(path, 'empty'),
  };
  const venv = join(path, 'venv');
  const admin = join(sharedAdminFolder(), 'bin', 'python');
  await runUv(places, ['venv', '--no-project', '--python', admin, venv], { timeoutMs: 30_000 });
  const { stdout } = await promisify(execFile)(admin, ['-c', 'import platform; print(platform.python_version())']);
  return {
    path,
    places,
    venv,
    python: stdout.trim(),
    install: (input, index, call) =>
      runUv(places, ['pip', 'install', '--python', venv, '-r', '-'], {
        timeoutMs: 30_000,
        input,
        index,
        variables: { UV_HTTP_RETRIES: '0' },
        ...call,
      }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
