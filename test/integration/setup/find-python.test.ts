import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTestFolder, root, sharedAdminFolder } from './test-home.ts';

/** A Python that runs here for certain. */
const good = realpathSync(join(sharedAdminFolder(), 'bin', 'python'));

/** Looks for Python with nothing but these programs on the PATH. */
async function find(folders: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const module = join(root, 'scripts', 'setup', 'find-python.js');
  const program = `import(${JSON.stringify(module)})
    .then(({ findPython }) => findPython()).then(({ path }) => console.log(path), ({ message }) => console.log(message))`;
  return await new Promise<string>((resolve) => {
    execFile(process.execPath, ['-e', program], { env: { PATH: folders.join(':'), ...env } }, (_, stdout) =>
      resolve(stdout.trim()),
    );
  });
}

function addScript(folder: string, name: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(folder, name), 0o755);
}

function addGood(folder: string, name: string): void {
  mkdirSync(folder, { recursive: true });
  symlinkSync(good, join(folder, name));
}

test('a newer name that does not run is passed over', async () => {
  await using folder = await createTestFolder();
  const [shims, bin] = [join(folder.path, 'shims'), join(folder.path, 'bin')];
  addScript(shims, 'python3.13', 'echo "python3.13: command not found" >&2; exit 127');
  addGood(bin, 'python3');
  expect(realpathSync(await find([shims, bin]))).toBe(good);
});

test('one that cannot make environments is passed over', async () => {
  await using folder = await createTestFolder();
  const answer = {
    path: '/x',
    version: '3.13.1',
    isNewEnough: true,
    implementation: 'cpython',
    missing: ['venv', 'ensurepip'],
  };
  addScript(join(folder.path, 'a'), 'python3.13', `echo '${JSON.stringify(answer)}'`);
  addGood(join(folder.path, 'b'), 'python3');
  expect(realpathSync(await find([join(folder.path, 'a'), join(folder.path, 'b')]))).toBe(good);
});

test('without any, one sentence says what is needed and why each was rejected', async () => {
  await using folder = await createTestFolder();
  const answer = { path: '/x', version: '3.9.2', isNewEnough: false, implementation: 'cpython', missing: [] };
  addScript(folder.path, 'python3', `echo '${JSON.stringify(answer)}'`);
  const said = await find([folder.path]);
  expect(said).toContain('Python 3.11 or newer is needed');
  expect(said).toContain('BEEP_PYTHON');
  expect(said).toContain(`${join(folder.path, 'python3')}: is Python 3.9.2`);
});

test('BEEP_PYTHON goes before the PATH, and is not replaced by another when it will not do', async () => {
  await using folder = await createTestFolder();
  addGood(folder.path, 'python3');
  expect(realpathSync(await find([], { BEEP_PYTHON: good }))).toBe(good);
  expect(await find([folder.path], { BEEP_PYTHON: '/nowhere/python3' })).toContain('/nowhere/python3: does not run');
});
