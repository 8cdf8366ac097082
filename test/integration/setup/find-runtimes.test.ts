import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newestSuitable } from '../../../src/runtimes/choose.ts';
import { findRuntimes } from '../../../src/runtimes/find.ts';
import { type ProbedRuntime, probeTimeoutMs } from '../../../src/runtimes/probe.ts';
import { createRuntimes } from '../../../src/runtimes/runtimes.ts';
import { processesMarked } from '../../support/processes.ts';
import { until } from '../../support/until.ts';
import { createTestFolder, sharedAdminFolder } from './test-home.ts';

const good = realpathSync(join(sharedAdminFolder(), 'bin', 'python'));

/** Runtimes are told by their path with every link followed. */
async function createRealFolder() {
  const folder = await createTestFolder();
  return { ...folder, path: realpathSync(folder.path) };
}

/** An interpreter that says about itself what the test wants. */
function addRuntime(folder: string, name: string, answer: Partial<ProbedRuntime>): string {
  const whole = {
    version: '3.12.1',
    implementation: 'cpython',
    abi: 'cpython-312',
    isPlainRelease: true,
    missingModules: [],
    ...answer,
  };
  return addScript(folder, name, `echo x >> "$0.asked"; echo '${JSON.stringify(whole)}'`);
}

/** A program called like an interpreter. */
function addScript(folder: string, name: string, script: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Only the folders of the test. */
function optionsIn(folder: string, path: string[] = [folder]) {
  return {
    managedFolder: join(folder, 'runtimes'),
    env: { HOME: folder, PATH: [...path, '/bin', '/usr/bin'].join(':') },
    systemFolders: [],
  };
}

/** Those below the folder of the test; the scripts need the shell's own folder on the PATH. */
async function findIn(folder: string, path?: string[]) {
  const found = await findRuntimes(optionsIn(folder, path));
  return found.filter((runtime) => runtime.path.startsWith(folder) || runtime.path === good);
}

describe('interpreters', () => {
  test('are found on the PATH, among those that we installed, of pyenv and of conda, newest first', async () => {
    await using folder = await createRealFolder();
    const bin = join(folder.path, 'bin');
    addRuntime(bin, 'python3.10', { version: '3.10.2' });
    addRuntime(join(folder.path, 'runtimes', 'cpython-3.14.1', 'bin'), 'python3.14', { version: '3.14.1' });
    addRuntime(join(folder.path, '.pyenv', 'versions', '3.9.1', 'bin'), 'python3.9', { version: '3.9.1' });
    addRuntime(join(folder.path, 'miniconda3', 'envs', 'a', 'bin'), 'python3.11', { version: '3.11.1' });
    addRuntime(join(folder.path, 'elsewhere', 'bin'), 'python3.13', { version: '3.13.1' });
    mkdirSync(join(folder.path, '.conda'));
    writeFileSync(join(folder.path, '.conda', 'environments.txt'), `${join(folder.path, 'elsewhere')}\n/nowhere\n`);
    const found = await findIn(folder.path, [bin]);
    expect(found.map(({ version, source }) => [version, source])).toEqual([
      ['3.14.1', 'managed'],
      ['3.13.1', 'conda'],
      ['3.11.1', 'conda'],
      ['3.10.2', 'path'],
      ['3.9.1', 'pyenv'],
    ]);
  });

  test('are found once under several names', async () => {
    await using folder = await createRealFolder();
    symlinkSync(good, join(folder.path, 'python3'));
    symlinkSync(join(folder.path, 'python3'), join(folder.path, 'python'));
    expect((await findIn(folder.path)).map(({ path }) => path)).toEqual([good]);
  });

  test('have an id each: its key for one that we installed, with a mark of its path for others', async () => {
    await using folder = await createRealFolder();
    const [a, b] = [join(folder.path, 'a'), join(folder.path, 'b')];
    for (const bin of [a, b, join(folder.path, 'runtimes', 'x', 'bin')]) addRuntime(bin, 'python3', {});
    const found = await findIn(folder.path, [a, b]);
    const [key] = found.map(({ key }) => key);
    expect(key).toMatch(/^cpython-3\.12\.1-[a-z]+-[a-z0-9_]+-[a-z]+$/);
    expect(found.map(({ id }) => id)).toEqual([
      key,
      expect.stringMatching(/^cpython-.*-[0-9a-f]{8}$/),
      expect.stringMatching(/^cpython-.*-[0-9a-f]{8}$/),
    ]);
    expect(new Set(found.map(({ id }) => id)).size).toBe(3);
    expect((await findIn(folder.path, [b, a])).map(({ id }) => id).sort()).toEqual(found.map(({ id }) => id).sort());
  });

  test('are asked once, and again when they have changed', async () => {
    await using folder = await createRealFolder();
    const path = addRuntime(folder.path, 'python3', {});
    const runtimes = createRuntimes(optionsIn(folder.path));
    const versions = async () =>
      (await runtimes.list()).filter((one) => one.path === path).map(({ version }) => version);
    expect(await Promise.all([versions(), versions()])).toEqual([['3.12.1'], ['3.12.1']]);
    expect(await versions()).toEqual(['3.12.1']);
    expect(readFileSync(`${path}.asked`, 'utf8')).toBe('x\n');
    addRuntime(folder.path, 'python3', { version: '3.13.10' });
    expect(await versions()).toEqual(['3.13.10']);
  });

  test('are not asked by the next process either, unless they have changed or what is kept is damaged', async () => {
    await using folder = await createRealFolder();
    const path = addRuntime(folder.path, 'python3', {});
    const lacking = addRuntime(folder.path, 'python3.9', { version: '3.9.1', missingModules: ['ssl'] });
    const answersFile = join(folder.path, 'cache', 'runtimes.json');
    const list = () => createRuntimes({ ...optionsIn(folder.path), answersFile }).list();
    const asked = (of: string) => readFileSync(`${of}.asked`, 'utf8').length / 2;
    const first = await list();
    expect(await list()).toEqual(first);
    expect([asked(path), asked(lacking)]).toEqual([1, 2]);
    for (const damage of ['', '[', '{"format": 1}', '{"format": 1, "answers": [["x"], 3]}']) {
      writeFileSync(answersFile, damage);
      expect(await list()).toEqual(first);
    }
    expect(asked(path)).toBe(5);
    addRuntime(folder.path, 'python3', { version: '3.13.10' });
    expect((await list()).find((one) => one.path === path)?.version).toBe('3.13.10');
  });

  test.runIf(existsSync('/usr/bin/pypy3'))('may be PyPy', async () => {
    await using folder = await createRealFolder();
    const runtimes = createRuntimes(optionsIn(folder.path, ['/usr/bin']));
    const pypy = await runtimes.find('pypy3');
    expect(pypy).toMatchObject({ implementation: 'pypy', path: realpathSync('/usr/bin/pypy3'), whyNot: undefined });
    expect(pypy.abi).toMatch(/^pypy3/);
  });
});

describe('what is no interpreter that works', () => {
  const marker = `babbler-${process.pid}`;
  test.each([
    ['exits', 'exit 127', 'it ended with 127'],
    ['fails with a reason', 'echo "libpython is missing" >&2; exit 1', 'it ended with 1: libpython is missing'],
    ['prints garbage', 'echo hello', 'its answer is none that a Python gives'],
    ['prints another JSON', `echo '{"version": "; rm -rf /"}'`, 'its answer is none that a Python gives'],
    ['prints without end', `exec yes ${marker}`, 'it writes without end'],
    ['complains without end', `exec yes ${marker} >&2`, 'it writes without end'],
    ['leaves a process that holds its output', `sh -c "sleep 100000; :" ${marker} & exit 3`, 'it ended with 3'],
  ])('is told when it %s', async (_what, script, whyNot) => {
    await using folder = await createRealFolder();
    addScript(folder.path, 'python3', script);
    const started = performance.now();
    const [found] = await findIn(folder.path);
    expect(found).toMatchObject({ id: expect.stringMatching(/^unknown-/), version: '', whyNot, isBroken: true });
    expect(performance.now() - started).toBeLessThan(probeTimeoutMs);
    expect(processesMarked(marker)).toEqual([]);
  });

  test('is told when it is a link that leads nowhere, is not executable, or is no file', async () => {
    await using folder = await createRealFolder();
    symlinkSync('/nowhere/python3', join(folder.path, 'python3.9'));
    writeFileSync(join(folder.path, 'python3.10'), '');
    mkdirSync(join(folder.path, 'python3.11'));
    expect((await findIn(folder.path)).map(({ path, whyNot }) => [path, whyNot])).toEqual([
      [join(folder.path, 'python3.10'), 'it is not executable'],
      [join(folder.path, 'python3.9'), 'it is a link that leads nowhere'],
    ]);
  });

  test('does not hold up the others when it hangs, is ended with all that it started, and not asked again', async () => {
    await using folder = await createRealFolder();
    const asked = join(folder.path, 'asked');
    for (let index = 9; index < 18; index++) {
      const hang = `sleep 100000.${process.pid}`;
      addScript(folder.path, `python3.${index}`, `echo asked >> ${asked}\n${hang} & exec ${hang}`);
    }
    const timesAsked = () => readFileSync(asked, 'utf8').trim().split('\n').length;
    addRuntime(folder.path, 'python3', { version: '3.20.1' });
    const runtimes = createRuntimes(optionsIn(folder.path));
    const started = performance.now();
    const found = (await runtimes.list()).filter(({ path }) => path.startsWith(folder.path));
    expect(found.map(({ version, whyNot }) => [version, whyNot])).toEqual([
      ['3.20.1', undefined],
      ...Array(9).fill(['', 'it did not answer within 5 s']),
    ]);
    expect(performance.now() - started).toBeLessThan(5 * probeTimeoutMs); // one after the other they take nine times that
    // A signal has been sent to each; the kernel ends them in its own time.
    await until('they have ended', () => processesMarked(`100000.${process.pid}`).length === 0);
    expect(timesAsked()).toBe(9);
    await runtimes.list();
    expect(timesAsked()).toBe(9);
  });

  test('is not a copy of an interpreter inside a virtual environment', async () => {
    await using folder = await createRealFolder();
    addRuntime(join(folder.path, 'venv', 'bin'), 'python3', {});
    writeFileSync(join(folder.path, 'venv', 'pyvenv.cfg'), '');
    expect(await findIn(folder.path, [join(folder.path, 'venv', 'bin')])).toEqual([]);
  });
});

describe('the newest suitable one', () => {
  test('is a released CPython of 3.9 or newer that has what it takes', async () => {
    await using folder = await createRealFolder();
    addRuntime(folder.path, 'python3.15', { version: '3.15.0b1', isPlainRelease: false });
    addRuntime(folder.path, 'python3.14', { version: '3.14.0', missingModules: ['ssl'] });
    addRuntime(folder.path, 'pypy3', { version: '3.13.0', implementation: 'pypy' });
    addRuntime(folder.path, 'python3.9', { version: '3.9.9' });
    addRuntime(folder.path, 'python3.10', { version: '3.10.0' });
    addRuntime(folder.path, 'python3.8', { version: '3.8.9' });
    const found = await findIn(folder.path);
    expect(newestSuitable(found).version).toBe('3.10.0');
    const rejected = found.filter(({ version }) => !['3.9.9', '3.10.0'].includes(version));
    expect(() => newestSuitable(rejected)).toThrow('3.14.0 (has no ssl)');
    expect(() => newestSuitable(rejected)).toThrow('3.8.9 (version 3.8.9 is older than 3.9)');
    expect(() => newestSuitable(rejected)).toThrow('3.13.0 (is pypy)');
  });
});
