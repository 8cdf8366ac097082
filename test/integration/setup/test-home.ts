import { realpathSync, symlinkSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The repository. */
export const root = join(import.meta.dirname, '..', '..', '..');

/** A home folder of one test's own, with the admin environment that all tests share. */
export interface TestHome extends AsyncDisposable {
  readonly home: string;
}

/** Makes a folder that is gone when the test is over. */
export async function createTestFolder(): Promise<AsyncDisposable & { path: string }> {
  const parent = join(root, '.cache', 'tmp');
  await mkdir(parent, { recursive: true });
  const path = await mkdtemp(join(parent, 't-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Makes a home that is set up but for what the first start makes. */
export async function createTestHome(): Promise<TestHome> {
  const folder = await createTestFolder();
  symlinkSync(sharedAdminFolder(), join(folder.path, 'admin'));
  return { home: folder.path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

/** The admin environment that `npm test` has built. */
export function sharedAdminFolder(): string {
  return realpathSync(join(process.env.BEEP_PYTHON_HOME as string, 'admin'));
}
