/** What goes wrong on the way: processes killed at every phase, a disk that is full, records that are damaged, names that are attacks. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
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

/** What a session of an environment imports, as `leaf` is in all of them. */
async function runIn(venv: string): Promise<string> {
  const where = { case: 'fresh', value: { venv } } as const;
  const source = { case: 'code', value: 'import leaf; leaf.__version__' } as const;
  return (await createExecuteClient(own.gateway).run({ where, source })).text;
}

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

test.each([
  ['looks for packages', '/simple/leaf/'],
  ['downloads them', '/files/leaf-1.1-'],
])('uv that is killed while it %s is a failure of this call alone', async (_what, place) => {
  const name = 'uv-killed';
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  let isAsked = false;
  await using other = await startVenvGateway({
    index: {
      misbehave(path, response) {
        if (!path.startsWith(place)) return false;
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
  await expect(running).rejects.toThrow('uv was killed from outside; call again');
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
    expect(await runIn(name)).toBe("'1.1'");
    expect(readFileSync(recordOf(name), 'utf8')).toBe('no record');
  });
});

describe('an interpreter', () => {
  const advice = 'ensure it again, which makes it anew';
  const replaced = (text: string, mode: number) => (python: string) => {
    rmSync(python);
    writeFileSync(python, text);
    chmodSync(python, mode);
  };
  const breakages: [string, (python: string) => void, string][] = [
    ['is gone', (python) => rmSync(python), 'its interpreter is gone'],
    [
      'is a link that leads nowhere',
      (python) => {
        rmSync(python);
        symlinkSync('/nowhere/python', python);
      },
      'its interpreter is gone',
    ],
    [
      'ends with an error',
      replaced('#!/bin/sh\nexit 3\n', 0o755),
      'its interpreter does not start: it ended with exit code 3',
    ],
    [
      'is something else',
      replaced('#!/bin/sh\necho hello\n', 0o755),
      'its interpreter does not start: it is no Python',
    ],
    ['cannot be run', replaced('#!/bin/sh\n', 0o644), 'its interpreter does not start: it does not start (EACCES)'],
    [
      'has no folder of packages',
      (python) => rmSync(join(python, '..', '..', 'lib'), { recursive: true }),
      'it has no folder of packages',
    ],
    ['finds no packages', (python) => rmSync(join(python, '..', '..', 'pyvenv.cfg')), 'its pyvenv.cfg is gone'],
  ];

  test.each(breakages)(
    'that %s is said in the same words everywhere, and ensuring mends it',
    async (what, damage, why) => {
      const name = `interpreter-${what.replaceAll(' ', '-')}`;
      const spec = { packages: ['leaf==1.0'] };
      await told(own.venvs.createVenv({ name, spec }));
      await told(own.venvs.installPackages({ name, packages: ['stone'] }));
      damage(join(own.folder(name), 'gen-0002', 'bin', 'python'));
      const problem = `${why}; ${advice}`;
      expect(await own.venvs.getVenv({ name })).toMatchObject({ state: VenvState.BROKEN, problem });
      const { venvs } = await own.venvs.listVenvs({});
      expect(venvs.find((one) => one.name === name)).toMatchObject({ state: VenvState.BROKEN, problem });
      await expect(runIn(name)).rejects.toThrow(`environment is broken: "${name}": ${problem}`);
      await expect(told(own.venvs.cloneVenv({ name, newName: 'x' }))).rejects.toThrow(problem);
      const { result } = await told(own.venvs.ensureVenv({ name, spec }));
      expect(result.venv).toMatchObject({ state: VenvState.READY, generation: 3, packageCount: 2 });
      expect(result.venv?.history.at(-1)?.summary).toBe('repaired');
      expect(await runIn(name)).toBe("'1.0'");
    },
  );

  test('that is another one and starts is no reason to make anything anew', async () => {
    const name = 'interpreter-renewed';
    const spec = { packages: ['leaf==1.0'] };
    await told(own.venvs.createVenv({ name, spec }));
    const python = join(own.folder(name), 'gen-0001', 'bin', 'python');
    replaced(`#!/bin/sh\nexec ${realpathSync(python)} "$@"\n`, 0o755)(python);
    expect(await own.venvs.getVenv({ name })).toMatchObject({ state: VenvState.READY, problem: '' });
    expect((await told(own.venvs.ensureVenv({ name, spec }))).result).toMatchObject({ unchanged: true });
  });

  test('of the default environment is mended by the next start', async () => {
    const before = (await own.venvs.getVenv({})).generation;
    const python = join(own.folder('default'), 'current', 'bin', 'python');
    replaced('#!/bin/sh\nexit 3\n', 0o755)(python);
    await own.restart();
    expect(await own.venvs.getVenv({})).toMatchObject({ state: VenvState.READY, generation: before + 1 });
  });

  test('of an environment by its path that no session starts with is remembered for those who look', async () => {
    const path = join(own.home, 'lame');
    mkdirSync(join(path, 'lib', 'python3.12', 'site-packages'), { recursive: true });
    mkdirSync(join(path, 'bin'));
    writeFileSync(join(path, 'bin', 'python'), '#!/bin/sh\nexit 3\n', { mode: 0o755 });
    await expect(runIn(path)).rejects.toThrow('the session could not be started');
    const problem =
      'its interpreter does not start: it ended with exit code 3; it is not ours to repair: make it anew with what made it, or name another';
    expect(await own.venvs.getVenv({ name: path })).toMatchObject({ state: VenvState.BROKEN, problem });
    await expect(runIn(path)).rejects.toThrow(problem);
    const { problems } = await own.venvs.checkVenv({ name: path });
    expect(problems.map(({ message }) => `its interpreter does not start: ${message}`)).toEqual([problem]);
  });
});

test('an environment that has lost the link to its generation in force gets it back with the next change', async () => {
  const name = 'unlinked';
  await told(own.venvs.createVenv({ name, spec: { packages: ['leaf==1.0'] } }));
  await told(own.venvs.installPackages({ name, packages: ['stone'] }));
  rmSync(join(own.folder(name), 'current'));
  const problem = 'no generation of it is in force; ensure it again, which makes it anew';
  expect(await own.venvs.getVenv({ name })).toMatchObject({ state: VenvState.BROKEN, problem });
  await expect(runIn(name)).rejects.toThrow(`environment is broken: "${name}": ${problem}`);
  const { result } = await told(own.venvs.ensureVenv({ name, spec: { packages: ['leaf==1.0'] } }));
  expect(result).toMatchObject({ unchanged: true, venv: { state: VenvState.READY, generation: 2, packageCount: 2 } });
  expect(result.venv?.history).toHaveLength(2);
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
