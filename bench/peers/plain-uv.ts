/** uv as one calls it by hand, with the package cache and the index that the gateway has. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createPipConfiguration } from '../../src/uv/pip-configuration.ts';
import { root } from '../places.ts';

const run = promisify(execFile);

/** Calls of it. */
export interface PlainUv {
  /** `uv venv`. */
  venv(folder: string): Promise<void>;
  /** `uv pip install`. */
  install(folder: string, packages: readonly string[]): Promise<void>;
}

/** The uv of a home, for one interpreter. */
export async function createPlainUv(home: string, python: string): Promise<PlainUv> {
  const admin = join(home, 'admin', 'bin');
  const pip = await createPipConfiguration(join(admin, 'python'))();
  const env = {
    ...process.env,
    UV_CACHE_DIR: join(root, '.cache', 'uv'),
    UV_NO_CONFIG: '1',
    ...(pip.defaultIndex !== '' && { UV_DEFAULT_INDEX: pip.defaultIndex }),
    ...(pip.extraIndexes.length > 0 && { UV_INDEX: pip.extraIndexes.join(' ') }),
    ...(pip.findLinks.length > 0 && { UV_FIND_LINKS: pip.findLinks.join(',') }),
    ...(pip.certificateFile !== undefined && { SSL_CERT_FILE: pip.certificateFile }),
  };
  const uv = async (...args: string[]) => void (await run(join(admin, 'uv'), args, { env }));
  return {
    venv: (folder) => uv('venv', '--no-project', '--python', python, folder),
    install: (folder, packages) => uv('pip', 'install', '--no-build', '--python', folder, ...packages),
  };
}
