/** An environment with pandas, made once by hand, as a user would have made it long before this gateway came. */
import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root, sharedAdminFolder } from '../integration/setup/test-home.ts';

const run = promisify(execFile);
const version = '2.3.3';
/** How long the package index and the disk may take, the first time. */
export const buildTimeoutMs = 300_000;

/** Its folder; built if it is not there, or not whole. */
export async function pandasEnvironment(): Promise<string> {
  const folder = join(root, '.cache', 'test-pandas');
  if (await isWhole(folder)) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(root, '.cache'), { recursive: true });
  const admin = sharedAdminFolder();
  const uv = (...args: string[]) =>
    run(join(admin, 'bin', 'uv'), args, {
      env: { ...process.env, UV_CACHE_DIR: process.env.BEEP_PYTHON_PACKAGE_CACHE, UV_NO_CONFIG: '1' },
      timeout: buildTimeoutMs,
    });
  await uv('venv', '--quiet', '--no-project', '--python', join(admin, 'bin', 'python'), folder);
  await uv('pip', 'install', '--quiet', '--python', join(folder, 'bin', 'python'), `pandas==${version}`);
  if (!(await isWhole(folder))) throw new Error(`${folder} has no pandas ${version}, though it was installed`);
  return folder;
}

async function isWhole(folder: string): Promise<boolean> {
  const look = ['-c', 'import pandas; print(pandas.__version__)'];
  const { stdout } = await run(join(folder, 'bin', 'python'), look).catch(() => ({ stdout: '' }));
  return stdout.trim() === version;
}
