/** Environments from outside: made, changed, looked at, copied, taken back and deleted, over an index of the test's own. */

import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Venv, VenvState } from '../../../src/gen/es/beep/python/v1/venv_pb.ts';
import { changesOf, told } from '../../support/venv-client.ts';
import { startVenvGateway, type VenvGateway } from '../../support/venv-gateway.ts';
import { sharedAdminFolder } from '../setup/test-home.ts';

let own: VenvGateway;
beforeAll(async () => {
  own = await startVenvGateway();
});
afterAll(() => own?.[Symbol.asyncDispose]());

/** What lies beside the environments with a name, its lock too. */
const left = (name: string) => readdirSync(join(own.home, 'envs')).filter((file) => file.startsWith(name));

/** An environment as a user makes it; its folder. */
function ownEnvironment(): string {
  const folder = join(mkdtempSync(join(own.home, 'mine-')), 'venv');
  execFileSync(join(sharedAdminFolder(), 'bin', 'python'), ['-m', 'venv', '--without-pip', folder]);
  return folder;
}

/** What an import in an environment says. */
function versionIn(python: string, module: string): string {
  return execFileSync(python, ['-c', `import ${module}; print(${module}.__version__)`], { encoding: 'utf8' }).trim();
}

describe('a new environment', () => {
  test('has what was asked for, and what that needs', async () => {
    const made = await told(
      own.venvs.createVenv({ name: 'forest', spec: { packages: ['tree==1.0'], labels: { for: 'test' } } }),
    );
    expect(changesOf(made)).toEqual(['leaf - -> 1.1', 'tree - -> 1.0']);
    const { venv, unchanged } = made.result;
    expect(unchanged).toBe(false);
    expect(venv).toMatchObject({
      name: 'forest',
      path: join(own.folder('forest'), 'current'),
      generation: 1,
      state: VenvState.READY,
      packageCount: 2,
      protected: false,
      labels: { for: 'test' },
      history: [{ number: 1, summary: 'created', kept: true }],
    });
    expect(versionIn(venv?.pythonPath as string, 'tree')).toBe('1.0');
  });

  test('tells its phases on the way, each with a line for people', async () => {
    const { progress } = await told(own.venvs.createVenv({ name: 'phases', spec: { packages: ['tree'] } }));
    const phases = progress.map(({ phase }) => phase);
    expect([...new Set(phases)]).toEqual(['install', 'resolve', 'download', 'verify', 'publish']);
    expect(progress.every(({ message }) => message !== '')).toBe(true);
  });

  test('can be empty', async () => {
    const { result } = await told(own.venvs.createVenv({ name: 'empty' }));
    expect(result.venv).toMatchObject({ packageCount: 0, generation: 1, state: VenvState.READY });
  });

  test('is refused where the name is taken', async () => {
    await told(own.venvs.createVenv({ name: 'taken' }));
    await expect(told(own.venvs.createVenv({ name: 'taken' }))).rejects.toThrow('environment exists already: "taken"');
  });

  test('leaves nothing behind when a package does not exist', async () => {
    await expect(
      told(own.venvs.createVenv({ name: 'nothing', spec: { packages: ['no-such-package'] } })),
    ).rejects.toThrow('no-such-package');
    expect(left('nothing')).toEqual([]);
    await expect(own.venvs.getVenv({ name: 'nothing' })).rejects.toThrow('no such environment: "nothing"');
  });

  test('can be made from a Python that is asked for, and from no other', async () => {
    const { result } = await told(own.venvs.createVenv({ name: 'python', spec: { python: '3.11' } }));
    expect(result.venv?.runtime?.version).toMatch(/^3\.11\./);
    await expect(told(own.venvs.createVenv({ name: 'python-2', spec: { python: '2.7' } }))).rejects.toThrow('2.7');
    expect(existsSync(own.folder('python-2'))).toBe(false);
  });
});

describe('ensuring', () => {
  test('makes what is missing, and then finds it there without a process', async () => {
    const spec = { packages: ['tree>=1', 'stone'], labels: { a: 'b' } };
    const first = await told(own.venvs.ensureVenv({ name: 'ensured', spec }));
    expect(first.result.unchanged).toBe(false);
    const again = await told(
      own.venvs.ensureVenv({ name: 'ensured', spec: { ...spec, packages: ['stone', 'tree>=1'] } }),
    );
    expect(again.progress).toEqual([]);
    expect(again.result).toMatchObject({ unchanged: true, changes: [], venv: { generation: 1 } });
  });

  test('adds what is missing to one that is there, and leaves what others have put in', async () => {
    await told(own.venvs.ensureVenv({ name: 'grown', spec: { packages: ['stone'] } }));
    const grown = await told(own.venvs.ensureVenv({ name: 'grown', spec: { packages: ['leaf==1.0'] } }));
    expect(changesOf(grown)).toEqual(['leaf - -> 1.0']);
    for (const packages of [['stone'], ['leaf==1.0']]) {
      const { progress, result } = await told(own.venvs.ensureVenv({ name: 'grown', spec: { packages } }));
      expect(progress).toEqual([]);
      expect(result.venv?.generation).toBe(2);
    }
  });

  test('of what another has replaced since brings it back', async () => {
    const ensure = async (leaf: string) =>
      changesOf(await told(own.venvs.ensureVenv({ name: 'contested', spec: { packages: [leaf] } })));
    expect(await ensure('leaf<1.1')).toEqual(['leaf - -> 1.0']);
    expect(await ensure('leaf>=1.1')).toEqual(['leaf 1.0 -> 1.1']);
    expect(await ensure('leaf<1.1')).toEqual(['leaf 1.1 -> 1.0']);
    const { history } = await own.venvs.getVenv({ name: 'contested' });
    expect(history.map(({ summary }) => summary)).toEqual(['created', 'ensure leaf>=1.1', 'ensure leaf<1.1']);
  });

  test('of what is met already changes nothing, and remembers it', async () => {
    await told(own.venvs.createVenv({ name: 'met', spec: { packages: ['tree'] } }));
    const first = await told(own.venvs.ensureVenv({ name: 'met', spec: { packages: ['leaf'] } }));
    expect(first.result).toMatchObject({ unchanged: true, venv: { generation: 1 } });
    const second = await told(own.venvs.ensureVenv({ name: 'met', spec: { packages: ['leaf'] } }));
    expect(second.progress).toEqual([]);
  });

  test('with another Python chooses everything again for that one', async () => {
    await told(own.venvs.createVenv({ name: 'moved', spec: { python: '3.11', packages: ['tree==1.0'] } }));
    const { result, progress } = await told(
      own.venvs.ensureVenv({ name: 'moved', spec: { python: '>=3.12', packages: ['stone'] } }),
    );
    expect(progress.map(({ message }) => message)).toContain('looking for tree==1.0, stone');
    expect((await told(own.venvs.ensureVenv({ name: 'moved', spec: { python: '3.11' } }))).progress).toContainEqual(
      expect.objectContaining({ phase: 'resolve', message: 'looking for tree==1.0, stone' }),
    );
    await told(own.venvs.ensureVenv({ name: 'moved', spec: { python: '>=3.12' } }));
    expect(result.venv?.runtime?.version).toMatch(/^3\.1[2-9]\./);
    expect(versionIn(result.venv?.pythonPath as string, 'tree')).toBe('1.0');
  });

  test('replaces labels, and leaves them where none are given', async () => {
    const ensure = async (labels: Record<string, string>) => {
      const { result } = await told(own.venvs.ensureVenv({ name: 'labelled', spec: { labels } }));
      return result.venv?.labels;
    };
    expect(await ensure({ a: '1', b: '2' })).toEqual({ a: '1', b: '2' });
    expect(await ensure({})).toEqual({ a: '1', b: '2' });
    expect(await ensure({ c: '3' })).toEqual({ c: '3' });
    const { venvs } = await own.venvs.listVenvs({ labels: { c: '3' } });
    expect(venvs.map(({ name }) => name)).toEqual(['labelled']);
  });

  test('for a provider takes a name that says so, another one for each model and accelerator', async () => {
    const ensure = async (request: { provider: string; model?: string; accelerator?: string }) => {
      const { result } = await told(own.venvs.ensureVenv(request));
      return result.venv;
    };
    const cpu = await ensure({ provider: 'llama-cpp', model: 'Llama 3/8B', accelerator: 'cpu' });
    expect(cpu).toMatchObject({ provider: 'llama-cpp', model: 'Llama 3/8B' });
    expect(cpu?.name).toMatch(/^llama-cpp-llama-3-8b-cpu-[0-9a-f]{10}$/);
    const cuda = await ensure({ provider: 'llama-cpp', model: 'Llama 3/8B', accelerator: 'cuda' });
    expect(cuda?.name).not.toBe(cpu?.name);
    await expect(told(own.venvs.ensureVenv({ model: 'alone' }))).rejects.toThrow('give provider too');
  });

  test('nothing named gives the default environment', async () => {
    const { result } = await told(own.venvs.ensureVenv({}));
    expect(result).toMatchObject({ unchanged: true, venv: { name: 'default', protected: true } });
  });
});

describe('a change', () => {
  test('keeps what is there, takes newer versions only when it is told to, and removes what is named', async () => {
    const name = 'changed';
    await told(own.venvs.createVenv({ name, spec: { packages: ['tree==1.0', 'leaf==1.0'] } }));
    expect(changesOf(await told(own.venvs.installPackages({ name, packages: ['stone'] })))).toEqual(['stone - -> 3.0']);
    expect(
      changesOf(await told(own.venvs.installPackages({ name, packages: ['leaf', 'tree'], upgrade: true }))),
    ).toEqual(['leaf 1.0 -> 1.1', 'tree 1.0 -> 2.0']);
    const removed = await told(own.venvs.uninstallPackages({ name, packages: ['Tree'] }));
    expect(changesOf(removed)).toEqual(['tree 2.0 -> -']);
    expect(removed.result.venv?.history.map(({ number, summary }) => `${number} ${summary}`)).toEqual([
      '1 created',
      '2 install stone',
      '3 upgrade leaf tree',
      '4 uninstall tree',
    ]);
    expect(readlinkSync(join(own.folder(name), 'current'))).toBe('gen-0004');
  });

  test('that changes nothing makes no generation', async () => {
    const name = 'unchanged';
    await told(own.venvs.createVenv({ name, spec: { packages: ['tree'] } }));
    // One after the other: this client loses what a call answered before somebody reads it.
    for (const change of [
      () => own.venvs.installPackages({ name, packages: ['leaf>=1.0'] }),
      () => own.venvs.installPackages({ name, upgrade: true }),
      () => own.venvs.uninstallPackages({ name, packages: ['stone'] }),
      () => own.venvs.syncVenv({ name, requirements: 'tree==2.0\n' }),
    ]) {
      const { result } = await told(change());
      expect(result).toMatchObject({ unchanged: true, changes: [], venv: { generation: 1 } });
    }
    expect(readdirSync(own.folder(name)).sort()).toEqual(['current', 'environment.json', 'gen-0001']);
  });

  test('that asks by name for what is there already remembers that', async () => {
    const name = 'asked';
    await told(own.venvs.createVenv({ name, spec: { packages: ['tree'] } }));
    const { result } = await told(own.venvs.installPackages({ name, packages: ['leaf'] }));
    expect(result).toMatchObject({ unchanged: true, venv: { generation: 1 } });
    const { packages } = await own.venvs.listPackages({ name });
    expect(packages.filter(({ requested }) => requested).map((one) => one.name)).toEqual(['leaf', 'tree']);
  });

  test('that fails leaves the old generation in force, and nothing else', async () => {
    const name = 'failing';
    await told(own.venvs.createVenv({ name, spec: { packages: ['leaf==1.0'] } }));
    const before = readFileSync(join(own.folder(name), 'environment.json'), 'utf8');
    await expect(told(own.venvs.installPackages({ name, packages: ['tree==2.0', 'leaf==1.0'] }))).rejects.toMatchObject(
      {
        message: expect.stringContaining('leaf'),
      },
    );
    expect(readFileSync(join(own.folder(name), 'environment.json'), 'utf8')).toBe(before);
    expect(readdirSync(own.folder(name)).sort()).toEqual(['current', 'environment.json', 'gen-0001']);
    const venv = await own.venvs.getVenv({ name });
    expect(versionIn(venv.pythonPath, 'leaf')).toBe('1.0');
  });

  test('to exactly a text takes away what the text does not say', async () => {
    const name = 'synced';
    await told(own.venvs.createVenv({ name, spec: { packages: ['stone', 'tree'] } }));
    const synced = await told(own.venvs.syncVenv({ name, requirements: '# only this\nleaf==1.0\n' }));
    expect(changesOf(synced)).toEqual(['leaf 1.1 -> 1.0', 'stone 3.0 -> -', 'tree 2.0 -> -']);
    for (const requirements of ['', ' ', '# six\n']) {
      await expect(told(own.venvs.syncVenv({ name, requirements }))).rejects.toThrow('requirements asks for nothing');
    }
  });

  test('without anything to do is refused', async () => {
    await expect(told(own.venvs.installPackages({ name: 'default' }))).rejects.toThrow('nothing to install');
    await expect(told(own.venvs.uninstallPackages({ name: 'default' }))).rejects.toThrow('nothing to remove');
  });

  test('of what is not there, or not ours, is refused', async () => {
    const install = (name: string) => told(own.venvs.installPackages({ name, packages: ['leaf'] }));
    await expect(install('nobody')).rejects.toThrow('no such environment: "nobody"');
    await expect(install(sharedAdminFolder())).rejects.toThrow('it is not ours');
    await expect(install('admin')).rejects.toThrow('environment is protected: "admin"');
  });
});

describe('going back', () => {
  test('puts an earlier generation in force at once, and the next change goes on from there', async () => {
    const name = 'back';
    await told(own.venvs.createVenv({ name, spec: { packages: ['leaf==1.0'] } }));
    await told(own.venvs.installPackages({ name, packages: ['leaf==1.1'] }));
    const back = await own.venvs.rollbackVenv({ name });
    expect(back.generation).toBe(1);
    expect(versionIn(back.pythonPath, 'leaf')).toBe('1.0');
    const next = await told(own.venvs.installPackages({ name, packages: ['stone'] }));
    expect(changesOf(next)).toEqual(['stone - -> 3.0']);
    expect(next.result.venv?.generation).toBe(3);
    expect(versionIn((await own.venvs.rollbackVenv({ name, generation: 2 })).pythonPath, 'leaf')).toBe('1.1');
  });

  test('is refused where no such generation is kept', async () => {
    await told(own.venvs.createVenv({ name: 'first' }));
    await expect(own.venvs.rollbackVenv({ name: 'first' })).rejects.toThrow('no earlier one of "first" is kept');
    await expect(own.venvs.rollbackVenv({ name: 'first', generation: 7 })).rejects.toThrow(
      'generation 7 of "first" is not kept: kept are 1; 1 is in force',
    );
  });

  test('goes as far as generations are kept', async () => {
    const name = 'kept';
    await told(own.venvs.createVenv({ name }));
    for (const packages of [['leaf==1.0'], ['leaf==1.1'], ['stone'], ['tree'], ['leaf==1.1', 'tree==1.0']]) {
      await told(own.venvs.installPackages({ name, packages }));
    }
    const { history } = await own.venvs.getVenv({ name });
    expect(history.filter(({ kept }) => kept).map(({ number }) => number)).toEqual([3, 4, 5, 6]);
  });
});

describe('a copy', () => {
  test('has the same packages, and goes its own way from then on', async () => {
    await told(own.venvs.createVenv({ name: 'original', spec: { packages: ['tree==1.0'], labels: { x: 'y' } } }));
    const copied = await told(own.venvs.cloneVenv({ name: 'original', newName: 'copy' }));
    expect(copied.result.venv).toMatchObject({ name: 'copy', generation: 1, packageCount: 2, labels: { x: 'y' } });
    await told(own.venvs.installPackages({ name: 'copy', packages: ['stone'] }));
    expect((await own.venvs.getVenv({ name: 'original' })).packageCount).toBe(2);
    await expect(told(own.venvs.cloneVenv({ name: 'original', newName: 'copy' }))).rejects.toThrow('exists already');
  });

  test('of an environment by its path has its packages, on the interpreter that it was made from', async () => {
    const { path } = (await told(own.venvs.createVenv({ name: 'by-path', spec: { packages: ['tree==1.0'] } }))).result
      .venv as Venv;
    const before = (await own.venvs.getVenv({ name: 'by-path' })).runtime;
    const { result } = await told(own.venvs.cloneVenv({ name: path, newName: 'from-path' }));
    expect(result.venv).toMatchObject({ name: 'from-path', packageCount: 2, runtime: { path: before?.path } });
    expect(result.venv?.history[0]?.summary).toBe(`cloned from ${path}`);
    const { packages } = await own.venvs.listPackages({ name: 'from-path' });
    expect(packages.map(({ name, requested }) => [name, requested])).toEqual([
      ['leaf', false],
      ['tree', true],
    ]);
  });

  test('of an environment by its path takes nothing from elsewhere than an index', async () => {
    const folder = ownEnvironment();
    const [version] = readdirSync(join(folder, 'lib'));
    const info = (name: string) => join(folder, 'lib', version as string, 'site-packages', `${name}-1.0.dist-info`);
    mkdirSync(info('planted'));
    writeFileSync(join(info('planted'), 'METADATA'), 'Name: planted\nVersion: 1.0\n');
    writeFileSync(
      join(info('planted'), 'direct_url.json'),
      JSON.stringify({ url: 'file:///tmp/planted', dir_info: {} }),
    );
    const clone = () => told(own.venvs.cloneVenv({ name: folder, newName: 'planted' }));
    await expect(clone()).rejects.toThrow(
      'not a package requirement: installed[0] "planted @ file:///tmp/planted": direct references are not allowed here',
    );
    rmSync(info('planted'), { recursive: true });
    mkdirSync(info('--index-url=http:'));
    await expect(clone()).rejects.toThrow('not a package requirement');
    await expect(told(own.venvs.cloneVenv({ name: '/nowhere', newName: 'planted' }))).rejects.toThrow(
      'no such environment: "/nowhere"',
    );
    expect(left('planted')).toEqual([]);
  });
});

describe('deleting', () => {
  test('removes all of it, says how much that was, and gives the name free', async () => {
    await told(own.venvs.createVenv({ name: 'gone', spec: { packages: ['stone'] } }));
    const { exclusiveBytes } = await own.venvs.getVenv({ name: 'gone' });
    const { freedBytes } = await own.venvs.deleteVenv({ name: 'gone' });
    expect(freedBytes).toBeGreaterThan(0n);
    expect(Number(freedBytes)).toBeCloseTo(Number(exclusiveBytes), -5);
    expect(readdirSync(join(own.home, 'envs')).filter((name) => name.startsWith('gone'))).toEqual([]);
    expect(readdirSync(join(own.home, 'envs', '.trash'))).toEqual([]);
    await expect(own.venvs.deleteVenv({ name: 'gone' })).rejects.toThrow('no such environment');
    const { result } = await told(own.venvs.createVenv({ name: 'gone' }));
    expect(result.venv?.generation).toBe(1);
  });

  test('is refused for what the gateway needs, for what is not ours, and without a name', async () => {
    await expect(own.venvs.deleteVenv({ name: 'default' })).rejects.toThrow('environment is protected: "default"');
    await expect(own.venvs.deleteVenv({ name: 'admin', force: true })).rejects.toThrow('environment is protected');
    await expect(own.venvs.deleteVenv({ name: sharedAdminFolder() })).rejects.toThrow('it is not ours');
    await expect(own.venvs.deleteVenv({ name: '' })).rejects.toThrow('name is empty');
  });
});

describe('looking', () => {
  test('tells room, sessions and use of one environment', async () => {
    const venv = await own.venvs.getVenv({ name: '' });
    expect(venv).toMatchObject({ name: 'default', protected: true, state: VenvState.READY, sessions: 0 });
    expect(venv.exclusiveBytes).toBeGreaterThan(0n);
  });

  test('at one that is not ours describes it as it is', async () => {
    const folder = ownEnvironment();
    const venv = await own.venvs.getVenv({ name: folder });
    expect(venv).toMatchObject({ name: folder, path: folder, generation: 0, protected: true, state: VenvState.READY });
    expect(venv.runtime?.version).toMatch(/^3\./);
    expect(venv.runtime?.path).toBe(realpathSync(join(folder, 'bin', 'python')));
    expect(Math.abs(Number(venv.createdAt?.seconds) - Date.now() / 1000)).toBeLessThan(600);
  });

  test('at the admin environment shows it, protected, wherever one may look', async () => {
    const venv = await own.venvs.getVenv({ name: 'admin' });
    expect(venv).toMatchObject({ name: 'admin', protected: true, state: VenvState.READY });
    expect(venv.packageCount).toBeGreaterThan(2);
    expect((await own.venvs.listVenvs({})).venvs.find(({ name }) => name === 'admin')).toEqual(venv);
    const { packages } = await own.venvs.listPackages({ name: 'admin' });
    expect(packages.map(({ name }) => name)).toContain('uv');
    expect((await own.venvs.checkVenv({ name: 'admin' })).sound).toBe(true);
    expect((await own.venvs.exportVenv({ name: 'admin' })).text).toContain('grpcio==');
    await expect(told(own.venvs.installPackages({ name: 'admin', packages: ['leaf'] }))).rejects.toThrow(
      'is protected',
    );
  });

  test('lists all, sorted, and nothing that is none', async () => {
    const names = (await own.venvs.listVenvs({})).venvs.map(({ name }) => name);
    expect(names).toEqual([...names].sort());
    expect(names).toContain('default');
    expect(names.filter((name) => name !== 'admin' && !lstatSync(own.folder(name)).isDirectory())).toEqual([]);
  });
});
