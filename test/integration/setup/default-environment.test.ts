import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { readConfig } from '../../../src/config.ts';
import { createLogger } from '../../../src/log.ts';
import { createIndexResolver } from '../../../src/uv/package-index.ts';
import { createPipConfiguration } from '../../../src/uv/pip-configuration.ts';
import { ensureDefaultEnvironment } from '../../../src/venvs/default-environment.ts';
import { interpreterMark } from '../../../src/venvs/generations/interpreter.ts';
import { publishGeneration } from '../../../src/venvs/generations/publish.ts';
import { type HomeLayout, homeLayout } from '../../../src/venvs/layout.ts';
import { createResolver } from '../../../src/venvs/resolve.ts';
import { createTestHome, sharedAdminFolder } from './test-home.ts';

const log = createLogger({ level: 'silent', format: 'json' });

async function createLayout() {
  const testHome = await createTestHome();
  const packageCache = process.env.BEEP_PYTHON_PACKAGE_CACHE as string;
  const layout = homeLayout(testHome.home, sharedAdminFolder(), packageCache);
  return { layout, [Symbol.asyncDispose]: () => testHome[Symbol.asyncDispose]() };
}

function ensure(layout: HomeLayout, onBuild?: () => void) {
  return ensureDefaultEnvironment({
    layout,
    resolve: createResolver(layout),
    resolveIndex: createIndexResolver(readConfig({}, {}), createPipConfiguration(layout.adminPython)),
    log,
    clock: systemClock,
    onBuild,
  });
}

describe('the default environment', () => {
  test('is made from an interpreter of this machine, with a record of it', async () => {
    await using made = await createLayout();
    const { layout } = made;
    const environment = await ensure(layout);
    const folder = join(layout.envs, 'default');
    expect(environment).toEqual({
      name: 'default',
      generation: 1,
      pythonPath: join(folder, 'gen-0001', 'bin', 'python'),
      path: join(folder, 'current'),
      interpreter: interpreterMark(join(folder, 'gen-0001', 'bin', 'python')),
    });
    const prefix = execFileSync(environment.pythonPath, ['-c', 'import sys; print(sys.prefix)'], { encoding: 'utf8' });
    expect(prefix.trim()).toBe(join(folder, 'gen-0001'));
    const record = JSON.parse(readFileSync(join(folder, 'environment.json'), 'utf8'));
    expect(record).toMatchObject({
      format: 1,
      name: 'default',
      generation: 1,
      history: [{ generation: 1, reason: 'created' }],
    });
    expect(readdirSync(folder).sort()).toEqual(['current', 'environment.json', 'gen-0001']);
  });

  test('is only read the second time', async () => {
    await using made = await createLayout();
    const first = await ensure(made.layout);
    const withoutPrograms = { ...made.layout, uv: '/nowhere/uv', adminPython: '/nowhere/python' };
    expect(await ensure(withoutPrograms)).toEqual(first);
  });

  test('is built once by many who ensure it at once', async () => {
    await using made = await createLayout();
    let builds = 0;
    const all = await Promise.all(Array.from({ length: 5 }, () => ensure(made.layout, () => builds++)));
    expect(builds).toBe(1);
    expect(new Set(all.map(({ pythonPath }) => pythonPath)).size).toBe(1);
  });

  test('is made anew when the interpreter under it is gone, in the next generation', async () => {
    await using made = await createLayout();
    const first = await ensure(made.layout);
    rmSync(first.pythonPath);
    symlinkSync('/nowhere/python3', first.pythonPath);
    const second = await ensure(made.layout);
    expect(second.generation).toBe(2);
    expect(readlinkSync(second.path)).toBe('gen-0002');
    const record = JSON.parse(readFileSync(join(dirname(second.path), 'environment.json'), 'utf8'));
    expect(record.history.map(({ reason }: { reason: string }) => reason)).toEqual(['created', 'repaired']);
  });

  test('does not stumble over what a killed start left', async () => {
    await using made = await createLayout();
    const leftover = join(made.layout.envs, 'default', 'gen-0001');
    mkdirSync(leftover, { recursive: true });
    writeFileSync(join(leftover, 'half'), '');
    const environment = await ensure(made.layout);
    expect(environment.generation).toBe(1);
    expect(readdirSync(leftover)).not.toContain('half');
  });
});

describe('resolving', () => {
  test('sees a change at once, and leaves what runs where it was', async () => {
    await using made = await createLayout();
    const resolve = createResolver(made.layout);
    await ensure(made.layout);
    const before = await resolve('default');
    expect(await resolve('default')).toBe(before);
    const folder = join(made.layout.envs, 'default');
    mkdirSync(join(folder, 'gen-0002', 'bin'), { recursive: true });
    symlinkSync(before.pythonPath, join(folder, 'gen-0002', 'bin', 'python'));
    await publishGeneration(folder, 'gen-0002');
    expect(await resolve('default')).toMatchObject({
      generation: 2,
      pythonPath: join(folder, 'gen-0002', 'bin', 'python'),
      path: before.path,
    });
  });

  test('takes the path of an environment that is not ours as it is', async () => {
    await using made = await createLayout();
    const path = sharedAdminFolder();
    const found = { name: path, generation: 0, pythonPath: join(path, 'bin', 'python'), path };
    const resolve = createResolver(made.layout);
    expect(await resolve(path)).toEqual(found);
    expect(await resolve(`${path}/`)).toEqual(found);
  });

  test.each([
    ['nobody', 'VENV_NOT_FOUND'],
    ['/nowhere/at/all', 'VENV_NOT_FOUND'],
    ['/usr', 'VENV_BROKEN'],
    ['../envs', 'VENV_NAME_INVALID'],
    ['', 'VENV_NAME_INVALID'],
    ['.hidden', 'VENV_NAME_INVALID'],
  ])('%j is refused: %s', async (name, reason) => {
    await using made = await createLayout();
    await expect(createResolver(made.layout)(name)).rejects.toMatchObject({ reason });
  });

  test('an environment in which nothing is in force is broken, not absent', async () => {
    await using made = await createLayout();
    mkdirSync(join(made.layout.envs, 'half', 'gen-0001'), { recursive: true });
    await expect(createResolver(made.layout)('half')).rejects.toMatchObject({ reason: 'VENV_BROKEN' });
  });
});
