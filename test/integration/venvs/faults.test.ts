/** What goes wrong on the way: processes killed at every phase, a disk that is full, records that are damaged, names that are attacks. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Progress } from '../../../src/gen/es/beep/python/v1/host_pb.ts';
import { VenvState } from '../../../src/gen/es/beep/python/v1/venv_pb.ts';
import { createExecuteClient } from '../../support/execute-client.ts';
import { startGateway } from '../../support/gateway.ts';
import { type ProcessIdentity, processesBelow, stillRunning } from '../../support/processes.ts';
import { canMount, mountSmallDisk } from '../../support/small-disk.ts';
import { until } from '../../support/until.ts';
import { createVenvClient, told } from '../../support/venv-client.ts';
import { startVenvGateway, type VenvGateway } from '../../support/venv-gateway.ts';
import { createTestHome } from '../setup/test-home.ts';

let own: VenvGateway;
beforeAll(async () => {
  own = await startVenvGateway();
});
afterAll(() => own?.[Symbol.asyncDispose]());

const envs = () => join(own.home, 'envs');
const recordOf = (name: string) => join(own.folder(name), 'environment.json');
const isUv = ({ commandLine }: ProcessIdentity) => /\/uv (pip|venv) /.test(commandLine);

/** Everything that lies in an environment's folder, but for what belongs there. */
function leftovers(name: string): string[] {
  const { history } = JSON.parse(readFileSync(recordOf(name), 'utf8')) as { history: { generation: number }[] };
  const known = history.map(({ generation }) => `gen-${String(generation).padStart(4, '0')}`);
  return readdirSync(own.folder(name)).filter(
    (file) => !['current', 'environment.json', 'used', ...known].includes(file),
  );
}

describe('a gateway that is killed', () => {
  // The first of them still has something to download.
  const phases = ['download', 'install', 'resolve', 'verify', 'publish'];

  test.each(phases)(
    'while it does %j leaves an environment that works, and the next start clears up',
    async (phase) => {
      const name = `killed-${phase}`;
      await told(own.venvs.createVenv({ name, spec: { packages: ['leaf==1.0'] } }));
      const below = new Promise<ProcessIdentity[]>((resolve) => {
        let isKilled = false;
        const kill = (progress: Progress) => {
          if (progress.phase !== phase || isKilled) return;
          isKilled = true;
          resolve(own.gateway.kill());
        };
        told(own.venvs.installPackages({ name, packages: ['tree', 'stone'] }), kill).catch(() => {});
      });
      const left = await below;
      await until('uv has ended too', () => stillRunning(left.filter(isUv)).length === 0, 20_000);
      await own.restart();
      await until('nothing is left', () => leftovers(name).length === 0);
      const venv = await own.venvs.getVenv({ name });
      expect(venv.state).toBe(VenvState.READY);
      expect([1, 2]).toContain(venv.generation);
      expect(venv.packageCount).toBe(venv.generation === 1 ? 1 : 3);
      const { result } = await told(own.venvs.installPackages({ name, packages: ['tree', 'stone'] }));
      expect(result.venv?.packageCount).toBe(3);
    },
  );

  test('while it makes a new one leaves nothing of it', async () => {
    const name = 'never';
    const killed = new Promise<void>((resolve) => {
      const kill = () => resolve(own.gateway.kill().then(() => {}));
      told(
        own.venvs.createVenv({ name, spec: { packages: ['tree'] } }),
        ({ phase }) => phase === 'resolve' && kill(),
      ).catch(() => {});
    });
    await killed;
    await own.restart();
    await until('nothing is left', () => !existsSync(own.folder(name)), 20_000);
    const { result } = await told(own.venvs.ensureVenv({ name, spec: { packages: ['tree'] } }));
    expect(result.venv?.packageCount).toBe(2);
  });
});

test('uv that is killed is a failure of this call alone', async () => {
  const name = 'uv-killed';
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  let isAsked = false;
  await using other = await startVenvGateway({
    index: {
      misbehave(path, response) {
        if (path !== '/simple/leaf/') return false;
        isAsked = true;
        void opened.then(() => response.destroy());
        return true;
      },
    },
  });
  await told(other.venvs.createVenv({ name, spec: { packages: ['stone'] } }));
  const running = told(other.venvs.installPackages({ name, packages: ['leaf'] }));
  running.catch(() => {});
  await until('uv asks', () => isAsked, 20_000);
  for (const { pid } of processesBelow(other.gateway.pid).filter(isUv)) process.kill(pid, 'SIGKILL');
  await expect(running).rejects.toThrow(/killed|ended/);
  open();
  expect(await other.venvs.getVenv({ name })).toMatchObject({ generation: 1, state: VenvState.READY, packageCount: 1 });
  expect(readdirSync(other.folder(name)).sort()).toEqual(['current', 'environment.json', 'gen-0001']);
});

test('two processes that ensure the same new environment make it once', async () => {
  await using other = await createTestHome();
  symlinkSync(envs(), join(other.home, 'envs'));
  await using second = await startGateway({ home: other.home, flags: ['--package-index', own.index.url] });
  const spec = { packages: ['tree==1.0'] };
  const both = [own.venvs, createVenvClient(second)];
  const all = await Promise.all(
    Array.from({ length: 20 }, (_, at) =>
      told((both[at % 2] as typeof own.venvs).ensureVenv({ name: 'shared', spec })),
    ),
  );
  expect(new Set(all.map(({ result }) => result.venv?.generation))).toEqual(new Set([1]));
  expect((await own.venvs.getVenv({ name: 'shared' })).history).toHaveLength(1);
});

describe('a record that is damaged', () => {
  const damages: [string, string][] = [
    ['cut', '{"format": 1, "id'],
    ['empty', ''],
    ['foreign', '[1, 2, 3]'],
    ['of-the-future', '{"format": 99, "name": "x", "history": []}'],
    ['with-a-hole', '{"format":1,"name":"x","createdAt":"2026-01-01T00:00:00Z","history":[null]}'],
    ['binary', '\u0000\u0001\u0002'],
  ];

  test.each(damages)('(%s) is named with what to do about it, and harms no other', async (kind, text) => {
    const name = `damaged-${kind}`;
    await told(own.venvs.createVenv({ name, spec: { packages: ['leaf'] } }));
    writeFileSync(recordOf(name), text);
    const venv = await own.venvs.getVenv({ name });
    expect(venv.state).toBe(VenvState.BROKEN);
    expect(venv.problem).toMatch(/^its environment\.json is damaged: .*; put the file back from a copy, or delete/);
    const { venvs } = await own.venvs.listVenvs({});
    expect(venvs.find((one) => one.name === name)?.state).toBe(VenvState.BROKEN);
    expect(venvs.find((one) => one.name === 'default')?.state).toBe(VenvState.READY);
    for (const change of [
      () => own.venvs.installPackages({ name, packages: ['stone'] }),
      () => own.venvs.ensureVenv({ name }),
      () => own.venvs.cloneVenv({ name, newName: 'x' }),
    ]) {
      await expect(told(change())).rejects.toThrow(`environment is broken: "${name}"`);
    }
    expect(readFileSync(recordOf(name), 'utf8')).toBe(text);
    await own.venvs.deleteVenv({ name });
  });

  test('is no hindrance to the sessions in it, nor to a start', async () => {
    const name = 'damaged-in-use';
    await told(own.venvs.createVenv({ name, spec: { packages: ['leaf'] } }));
    writeFileSync(recordOf(name), 'no record');
    await own.restart();
    const source = { case: 'code', value: 'import leaf; leaf.__version__' } as const;
    const { text } = await createExecuteClient(own.gateway).run({
      where: { case: 'fresh', value: { venv: name } },
      source,
    });
    expect(text).toBe("'1.1'");
    expect(readFileSync(recordOf(name), 'utf8')).toBe('no record');
  });
});

test('an environment whose interpreter is gone says so, and ensuring it makes it anew with what it had', async () => {
  const name = 'headless';
  await told(own.venvs.createVenv({ name, spec: { packages: ['leaf==1.0'] } }));
  const python = join(own.folder(name), 'gen-0001', 'bin', 'python');
  rmSync(python);
  symlinkSync('/nowhere/python', python);
  expect(await own.venvs.getVenv({ name })).toMatchObject({
    state: VenvState.BROKEN,
    problem: 'its interpreter is gone; ensure it again, which makes it anew',
  });
  const { result } = await told(own.venvs.ensureVenv({ name, spec: { packages: ['leaf==1.0'] } }));
  expect(result.venv).toMatchObject({ state: VenvState.READY, generation: 2, packageCount: 1 });
});

describe('names', () => {
  const hostile = [
    ['a separator', 'a/b'],
    ['the way out', '../default'],
    ['a hidden way out', 'x/../../default'],
    ['dots', '..'],
    ['a hidden name', '.trash'],
    ['a line break', 'a\nb'],
    ['a zero', 'a\u0000b'],
    ['a lock', 'default.lock'],
    ['a backslash', 'a\\b'],
    ['an option', '--help'],
    ['a device', 'con'],
    ['a device with an ending', 'nul.txt'],
    ['capitals', 'Default'],
    ['a space', 'a b'],
    ['letters of other scripts', 'ｄｅｆａｕｌｔ'],
    ['direction marks', 'a\u202eb'],
    ['too many letters', 'a'.repeat(65)],
    ['far too many letters', 'a'.repeat(4000)],
    ['a shell', '$(touch /tmp/x)'],
  ] as const;

  test.each(hostile)('with %s are refused for a new environment', async (_what, name) => {
    const before = readdirSync(envs()).sort();
    await expect(told(own.venvs.createVenv({ name }))).rejects.toThrow('not a name for an environment');
    await expect(told(own.venvs.cloneVenv({ newName: name }))).rejects.toThrow('not a name for an environment');
    await expect(told(own.venvs.ensureVenv({ name }))).rejects.toThrow(/not a name for an environment|Default/);
    await expect(own.venvs.deleteVenv({ name, force: true })).rejects.toThrow(/not a name|no such environment/);
    expect(readdirSync(envs()).sort()).toEqual(before);
  });

  test('that are empty or paths are refused for a new environment', async () => {
    await expect(told(own.venvs.createVenv({ name: '' }))).rejects.toThrow('it is empty');
    await expect(told(own.venvs.createVenv({ name: '/tmp/mine' }))).rejects.toThrow('it is not ours');
    await expect(told(own.venvs.createVenv({ name: 'admin' }))).rejects.toThrow('environment is protected');
  });
});

test('a Python that nobody has is refused with what was found', async () => {
  for (const python of ['3.99', '/nowhere/python', 'no version at all', '>=4']) {
    await expect(told(own.venvs.createVenv({ name: 'no-python', spec: { python } }))).rejects.toThrow(/Python|version/);
    expect(existsSync(own.folder('no-python'))).toBe(false);
  }
});

describe.skipIf(!canMount)('a disk that is full (needs the right to mount a tmpfs)', () => {
  test('is said, and leaves what was in force', async () => {
    await using made = await createTestHome();
    const folder = join(made.home, 'envs');
    mkdirSync(folder);
    using disk = mountSmallDisk(folder, '600k');
    await using gateway = await startGateway({ home: made.home, flags: ['--package-index', own.index.url] });
    const venvs = createVenvClient(gateway);
    const name = 'full';
    await told(venvs.createVenv({ name }));
    writeFileSync(join(folder, 'filler'), Buffer.alloc(disk.freeBytes() - 12_288));
    await expect(told(venvs.installPackages({ name, packages: ['tree'] }))).rejects.toThrow(/disk is full|no space/i);
    expect(readdirSync(join(folder, name)).sort()).toEqual(['current', 'environment.json', 'gen-0001']);
    rmSync(join(folder, 'filler'));
    const { result } = await told(venvs.installPackages({ name, packages: ['tree'] }));
    expect(result.venv).toMatchObject({ generation: 2, packageCount: 2 });
  });
});
