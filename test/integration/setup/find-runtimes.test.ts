import { chmodSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type FoundRuntime, findRuntimes, newestSuitable } from '../../../src/runtimes/find.ts';
import { createTestFolder, sharedAdminFolder } from './test-home.ts';

const good = realpathSync(join(sharedAdminFolder(), 'bin', 'python'));

/** An interpreter that says about itself what the test wants. */
function addRuntime(folder: string, name: string, answer: Partial<FoundRuntime>): string {
  mkdirSync(folder, { recursive: true });
  const whole = {
    version: '3.12.1',
    implementation: 'cpython',
    abi: 'cpython-312',
    isPlainRelease: true,
    missingModules: [],
    ...answer,
  };
  writeFileSync(join(folder, name), `#!/bin/sh\necho '${JSON.stringify(whole)}'\n`);
  chmodSync(join(folder, name), 0o755);
  return join(folder, name);
}

async function findIn(folder: string, path: string[] = []) {
  const found = await findRuntimes({
    managedFolder: join(folder, 'runtimes'),
    env: { HOME: folder, PATH: path.join(':') },
  });
  // This machine's own folders are looked into as well.
  return found.filter((runtime) => runtime.source !== 'system');
}

test('interpreters are found on the PATH, among those that we installed, and of pyenv, newest first', async () => {
  await using folder = await createTestFolder();
  const bin = join(folder.path, 'bin');
  addRuntime(bin, 'python3.10', { version: '3.10.2' });
  addRuntime(join(folder.path, 'runtimes', 'cpython-3.14.1', 'bin'), 'python3.14', { version: '3.14.1' });
  addRuntime(join(folder.path, '.pyenv', 'versions', '3.9.1', 'bin'), 'python3.9', { version: '3.9.1' });
  const found = await findIn(folder.path, [bin]);
  expect(found.map(({ version, source }) => [version, source])).toEqual([
    ['3.14.1', 'managed'],
    ['3.10.2', 'path'],
    ['3.9.1', 'pyenv'],
  ]);
});

test('one interpreter under several names is found once', async () => {
  await using folder = await createTestFolder();
  symlinkSync(good, join(folder.path, 'python3'));
  symlinkSync(join(folder.path, 'python3'), join(folder.path, 'python'));
  expect((await findIn(folder.path, [folder.path])).map(({ path }) => path)).toEqual([good]);
});

test('what does not run is passed over', async () => {
  await using folder = await createTestFolder();
  writeFileSync(join(folder.path, 'python3'), '#!/bin/sh\nexit 127\n', { mode: 0o755 });
  expect(await findIn(folder.path, [folder.path])).toEqual([]);
});

test('the newest suitable one is a released CPython of 3.9 or newer that has what it takes', async () => {
  await using folder = await createTestFolder();
  addRuntime(folder.path, 'python3.15', { version: '3.15.0b1', isPlainRelease: false });
  addRuntime(folder.path, 'python3.14', { version: '3.14.0', missingModules: ['ssl'] });
  addRuntime(folder.path, 'pypy3', { version: '3.13.0', implementation: 'pypy' });
  addRuntime(folder.path, 'python3.9', { version: '3.9.9' });
  addRuntime(folder.path, 'python3.10', { version: '3.10.0' });
  addRuntime(folder.path, 'python3.8', { version: '3.8.9' });
  const found = await findIn(folder.path, [folder.path]);
  expect(newestSuitable(found).version).toBe('3.10.0');
  const rejected = found.filter(({ version }) => !['3.9.9', '3.10.0'].includes(version));
  expect(() => newestSuitable(rejected)).toThrow('3.14.0 (has no ssl)');
  expect(() => newestSuitable(rejected)).toThrow('3.8.9 (version 3.8.9 is older than 3.9)');
});
