/** Looking into environments from outside: their packages, whether they are sound, exports, and what a change would do. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CheckLevel, ExportFormat } from '../../../src/gen/es/beep/python/v1/venv_pb.ts';
import { startPackageIndex } from '../../support/package-index.ts';
import { type ProcessIdentity, processesBelow, processesMarked } from '../../support/processes.ts';
import { until } from '../../support/until.ts';
import { told } from '../../support/venv-client.ts';
import { startVenvGateway, type VenvGateway } from '../../support/venv-gateway.ts';
import { makeSourceDistribution, makeWheel, type PackageFacts } from '../../support/wheel.ts';
import { sharedAdminFolder } from '../setup/test-home.ts';

const packages: PackageFacts[] = [
  { name: 'leaf', version: '1.0' },
  { name: 'leaf', version: '1.1' },
  {
    name: 'Big.Tree',
    version: '2.0',
    summary: 'A tree with leaves',
    requires: ['leaf>=1.0', 'stone; extra == "rock"', 'sky; python_version < "3"', 'water[salt]; os_name == "posix"'],
    metadata: ['License-Expression: MIT', 'Provides-Extra: rock', 'Classifier: License :: Other'],
    files: { 'tree.py': 'size = 3\n', 'branches/__init__.py': '', 'branches/data.txt': 'x', '_fast.so': 'no' },
  },
  {
    name: 'stone',
    version: '3.0',
    metadata: ['License: UNKNOWN', 'Classifier: License :: OSI Approved :: BSD License'],
  },
  { name: 'sky', version: '1.0' },
  { name: 'water', version: '1.0', metadata: ['Provides-Extra: salt'] },
  { name: 'fails', version: '1.0', files: { 'fails.py': 'raise ValueError("not\\ntoday")' } },
  { name: 'ends', version: '1.0', files: { 'ends.py': 'import os\nos._exit(7)' } },
  { name: 'dies', version: '1.0', files: { 'dies.py': 'import os\nos.kill(os.getpid(), 11)' } },
  {
    name: 'prints',
    version: '1.0',
    files: { 'prints.py': 'print("x" * 100_000)\nimport sys\nsys.stderr.write("y" * 100_000)' },
  },
  { name: 'large', version: '1.0', files: { 'large.py': '#'.repeat(20_000) } },
  { name: 'larger', version: '1.0', files: { 'larger.py': '#'.repeat(30_000) } },
  { name: 'exits', version: '1.0', files: { 'exits.py': 'raise SystemExit(3)' } },
  {
    name: 'stays',
    version: '1.0',
    files: { 'stays.py': 'import sys, time\nsys.argv.append("stays")\ntime.sleep(3600)' },
  },
];
const setup = { 'pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "none"\nbackend-path = ["."]\n' };
const files = [
  ...packages.map(makeWheel),
  makeSourceDistribution({ name: 'source-only', version: '1.0', setup: '', files: setup }),
];

let own: VenvGateway;
beforeAll(async () => {
  own = await startVenvGateway({ index: { files } });
  const all = { packages: ['Big_Tree', 'stone', 'sky', 'leaf==1.0'] };
  await told(own.venvs.createVenv({ name: 'woods', spec: all }));
});
afterAll(() => own?.[Symbol.asyncDispose]());

const sitePackages = (name: string) => {
  const lib = join(own.folder(name), 'current', 'lib');
  return execFileSync('find', ['-L', lib, '-maxdepth', '2', '-name', 'site-packages'], { encoding: 'utf8' }).trim();
};
/** Files are shared by links: only a new one is this environment's own. */
const replace = (path: string, text: string) => {
  rmSync(path);
  writeFileSync(path, text);
};

describe('packages', () => {
  test('are listed with all that they say of themselves, and who requires them', async () => {
    const { packages } = await own.venvs.listPackages({ name: 'woods' });
    expect(packages.map(({ name }) => name)).toEqual(['Big.Tree', 'leaf', 'sky', 'stone', 'water']);
    const [tree, leaf, sky, stone, water] = packages;
    expect(tree).toMatchObject({
      version: '2.0',
      summary: 'A tree with leaves',
      license: 'MIT',
      modules: ['_fast', 'branches', 'tree'],
      requires: ['leaf>=1.0', 'stone; extra == "rock"', 'sky; python_version < "3"', 'water[salt]; os_name == "posix"'],
      requiredBy: [],
      requested: true,
    });
    expect(leaf).toMatchObject({ version: '1.0', requiredBy: ['Big.Tree'], requested: true });
    expect(water).toMatchObject({ requiredBy: ['Big.Tree'], requested: false });
    // One only with an extra, the other for another Python.
    expect([sky?.requiredBy, stone?.requiredBy]).toEqual([[], []]);
    expect(stone?.license).toBe('BSD License');
  });

  test('have the size of their files', async () => {
    const { packages } = await own.venvs.listPackages({ name: 'woods' });
    const record = readFileSync(join(sitePackages('woods'), 'stone-3.0.dist-info', 'RECORD'), 'utf8');
    const sizes = record.split('\n').map((line) => Number(line.split(',')[2] ?? 0));
    expect(Number(packages.find(({ name }) => name === 'stone')?.sizeBytes)).toBe(sizes.reduce((a, b) => a + b, 0));
  });

  test('of an environment by its path are listed as well, and nothing of it is changed', async () => {
    const path = join(own.home, 'elsewhere');
    const venv = ['venv', '--quiet', '--no-project', '--python', join(sharedAdminFolder(), 'bin', 'python'), path];
    execFileSync(join(sharedAdminFolder(), 'bin', 'uv'), venv);
    expect((await own.venvs.listPackages({ name: path })).packages).toEqual([]);
    expect(await own.venvs.checkVenv({ name: path, level: CheckLevel.IMPORTS })).toMatchObject({ sound: true });
    expect((await own.venvs.exportVenv({ name: path })).text).toBe('');
  });

  test('of the default environment are meant where no name is given', async () => {
    expect((await own.venvs.listPackages({})).packages).toEqual([]);
  });

  test.each([
    ['not-there', 'no such environment: "not-there"'],
    ['../x', 'not a name for an environment'],
    ['/nowhere/at/all', 'no such environment'],
    ['/tmp', 'environment is broken: "/tmp": it has no bin/python'],
  ])('of %j are an error', async (name, says) => {
    await expect(own.venvs.listPackages({ name })).rejects.toThrow(says);
    await expect(own.venvs.checkVenv({ name })).rejects.toThrow(says);
    await expect(own.venvs.exportVenv({ name })).rejects.toThrow(says);
    await expect(own.venvs.planPackages({ name, packages: ['leaf'] })).rejects.toThrow(says);
  });

  test('that were tampered with neither hang nor break the list', async () => {
    await told(own.venvs.createVenv({ name: 'tampered', spec: { packages: ['leaf==1.1'] } }));
    const site = sitePackages('tampered');
    mkdirSync(join(site, 'pipe-1.0.dist-info'));
    execFileSync('mkfifo', [join(site, 'pipe-1.0.dist-info', 'METADATA'), join(site, 'pipe-1.0.dist-info', 'RECORD')]);
    mkdirSync(join(site, 'folder-1.0.dist-info', 'METADATA'), { recursive: true });
    mkdirSync(join(site, 'empty-1.0.dist-info'));
    symlinkSync('/nowhere', join(site, 'lost-1.0.dist-info'));
    writeFileSync(join(site, 'file-1.0.dist-info'), '');
    mkdirSync(join(site, 'odd.dist-info'));
    writeFileSync(
      join(site, 'odd.dist-info', 'METADATA'),
      'Name: odd\nVersion: \u0000\nRequires-Dist: ((((;"\nSummary',
    );
    const { packages } = await own.venvs.listPackages({ name: 'tampered' });
    expect(packages.map(({ name }) => name)).toEqual(['empty', 'file', 'folder', 'leaf', 'lost', 'odd', 'pipe']);
    const { sound, problems } = await own.venvs.checkVenv({ name: 'tampered', level: CheckLevel.FILES });
    expect(sound).toBe(false);
    const found = problems.map(({ subject, message }) => `${subject}: ${message.split(';')[0]}`);
    for (const name of ['empty', 'file', 'folder', 'lost', 'pipe']) {
      expect(found).toContain(`${name}: it has no METADATA that can be read`);
      expect(found).toContain(`${name}: it has no RECORD that can be read, so its files cannot be checked`);
    }
  });
});

describe('a check', () => {
  const check = (name: string, level: CheckLevel, modules: string[] = []) =>
    own.venvs.checkVenv({ name, level, modules });
  const made = async (name: string, ...packages: string[]) => {
    await told(own.venvs.createVenv({ name, spec: { packages } }));
    return sitePackages(name);
  };

  test.each([CheckLevel.UNSPECIFIED, CheckLevel.INTERPRETER, CheckLevel.DEPENDENCIES, CheckLevel.FILES])(
    'at level %i finds nothing in a sound environment',
    async (level) => {
      expect(await check('woods', level)).toMatchObject({ sound: true, problems: [] });
    },
  );

  test('finds an interpreter that does not start, and looks no further', async () => {
    const path = join(own.home, 'lame');
    mkdirSync(join(path, 'bin'), { recursive: true });
    for (const [text, says] of [
      ['#!/bin/sh\nexit 3\n', 'it ended with exit code 3'],
      ['#!/bin/sh\nkill -9 $$\n', 'it ended with SIGKILL'],
      ['#!/bin/sh\necho hello\n', 'it is no Python'],
      ['#!/nowhere/at/all\n', 'it does not start (ENOENT)'],
    ] as const) {
      writeFileSync(join(path, 'bin', 'python'), text);
      chmodSync(join(path, 'bin', 'python'), 0o755);
      const { sound, problems } = await check(path, CheckLevel.IMPORTS);
      expect({ sound, problems }).toMatchObject({
        sound: false,
        problems: [{ subject: 'python', message: expect.stringContaining(says) }],
      });
    }
  });

  test('finds a requirement that is not there, or there in another version', async () => {
    const site = await made('withered', 'big-tree');
    rmSync(join(site, 'water-1.0.dist-info'), { recursive: true });
    const metadata = join(site, 'leaf-1.1.dist-info', 'METADATA');
    replace(metadata, readFileSync(metadata, 'utf8').replace('Version: 1.1', 'Version: 0.5'));
    const record = join(site, 'leaf-1.1.dist-info');
    execFileSync('mv', [record, join(site, 'leaf-0.5.dist-info')]);
    expect((await check('withered', CheckLevel.INTERPRETER)).sound).toBe(true);
    const { sound, problems } = await check('withered', CheckLevel.DEPENDENCIES);
    expect(sound).toBe(false);
    expect(problems.map(({ subject, message }) => `${subject}: ${message}`).sort()).toEqual([
      expect.stringMatching(
        /^big-tree: The package big-tree requires leaf>=1\.0, but 0\.5 is installed; install leaf>=1\.0/,
      ),
      expect.stringMatching(
        /^big-tree: The package big-tree requires water\[salt\].*not installed; install water\[salt\]/,
      ),
    ]);
  });

  test('finds files that were changed, removed or replaced, and reads none outside of the environment', async () => {
    const site = await made('edited', 'big-tree', 'stone');
    replace(join(site, 'tree.py'), 'size = 4\n');
    rmSync(join(site, 'branches', 'data.txt'));
    rmSync(join(site, '_fast.so'));
    symlinkSync('/etc/passwd', join(site, '_fast.so'));
    const record = join(site, 'stone-3.0.dist-info', 'RECORD');
    const digest = 'A'.repeat(43);
    replace(
      record,
      `/etc/passwd,sha256=${digest},1\n../../../../../../../etc/shadow,sha256=${digest},1\n"a,b.py",md5=00,3\n`,
    );
    expect((await check('edited', CheckLevel.DEPENDENCIES)).sound).toBe(true);
    const { problems } = await check('edited', CheckLevel.FILES);
    const below = problems.map(({ subject, message }) => `${subject.split('site-packages/').at(-1)}: ${message}`);
    expect(below.sort()).toEqual([
      '_fast.so: it is no file any more; uninstall and install Big_Tree',
      'a,b.py: its digest is of an unknown kind, md5; uninstall and install stone',
      'branches/data.txt: it is missing; uninstall and install Big_Tree',
      'stone: its RECORD names a file outside of the environment; uninstall and install stone',
      'stone: its RECORD names a file outside of the environment; uninstall and install stone',
      'tree.py: it was changed after it was installed; uninstall and install Big_Tree',
    ]);
    expect(problems.every(({ message, subject }) => !`${message}${subject}`.includes(own.home))).toBe(true);
  });

  test('imports what was asked for by name, each whatever became of the one before', async () => {
    await made('modules', 'fails', 'ends', 'dies', 'prints', 'exits', 'leaf');
    const { sound, problems } = await check('modules', CheckLevel.IMPORTS);
    expect(sound).toBe(false);
    expect(problems.map(({ subject, message }) => `${subject}: ${message.split(';')[0]}`)).toEqual([
      'dies: it cannot be imported: it ends its process with SIGSEGV',
      'ends: it cannot be imported: it ends its process with exit code 7',
      'exits: it cannot be imported: SystemExit: 3',
      'fails: it cannot be imported: ValueError: not today',
    ]);
  });

  test('imports the modules that are named, and leaves nothing in the environment', async () => {
    const before = execFileSync('find', [join(own.folder('woods'), 'gen-0001')], { encoding: 'utf8' });
    const { problems } = await check('woods', CheckLevel.IMPORTS, ['tree', 'branches', 'json', 'nowhere.at.all']);
    expect(problems).toMatchObject([
      { subject: 'nowhere.at.all', message: expect.stringContaining("ModuleNotFoundError: No module named 'nowhere'") },
    ]);
    expect(execFileSync('find', [join(own.folder('woods'), 'gen-0001')], { encoding: 'utf8' })).toBe(before);
  });

  test('that is cancelled takes with it what it had started', async () => {
    const site = await made('sleepy', 'stays');
    const marker = join(own.folder('sleepy'), 'gen-0001', 'bin', 'python');
    const cancel = new AbortController();
    const running = own.venvs.checkVenv({ name: 'sleepy', level: CheckLevel.IMPORTS }, { signal: cancel.signal });
    running.catch(() => {});
    const isImporting = () => processesMarked(marker).some(({ commandLine }) => /importlib/.test(commandLine));
    await until('the import runs', isImporting, 20_000);
    cancel.abort();
    await expect(running).rejects.toThrow(/cancel/);
    await until('it is gone', () => processesMarked(marker).length === 0);
    expect(existsSync(site)).toBe(true);
  });
});

describe('an export', () => {
  test('as requirements names every package with its version', async () => {
    const { text } = await own.venvs.exportVenv({ name: 'woods' });
    expect(text).toBe('big-tree==2.0\nleaf==1.0\nsky==1.0\nstone==3.0\nwater==1.0\n');
  });

  test('as a lock names the digest of every file, and makes the same environment again', async () => {
    const { text } = await own.venvs.exportVenv({ name: 'woods', format: ExportFormat.PYLOCK });
    expect(text).toMatch(/^lock-version = "1\.0"/);
    for (const { name, sha256 } of files.filter(({ fileName }) => /big_tree|leaf-1\.0|stone/i.test(fileName))) {
      expect(text, name).toContain(sha256);
    }
    expect(text).not.toContain(own.home);
    await told(own.venvs.createVenv({ name: 'again', spec: { requirements: text } }));
    expect((await own.venvs.exportVenv({ name: 'again' })).text).toBe(
      (await own.venvs.exportVenv({ name: 'woods' })).text,
    );
  });

  test('as requirements makes the same environment again', async () => {
    const { text } = await own.venvs.exportVenv({ name: 'woods', format: ExportFormat.REQUIREMENTS });
    await told(own.venvs.createVenv({ name: 'once-more', spec: { requirements: text } }));
    expect((await own.venvs.exportVenv({ name: 'once-more' })).text).toBe(text);
  });
});

describe('a plan', () => {
  const plan = async (request: Parameters<VenvGateway['venvs']['planPackages']>[0]) => {
    const { changes, downloadBytes } = await own.venvs.planPackages(request);
    const shown = changes.map((one) => `${one.name} ${one.oldVersion || '-'} -> ${one.newVersion || '-'}`);
    return { changes: shown, downloadBytes: Number(downloadBytes) };
  };

  test('tells what would be installed and downloaded, and changes nothing', async () => {
    const before = await own.venvs.exportVenv({ name: 'woods' });
    expect((await plan({ name: 'woods', packages: ['prints', 'leaf>1'] })).changes).toEqual([
      'leaf 1.0 -> 1.1',
      'prints - -> 1.0',
    ]);
    expect(await own.venvs.exportVenv({ name: 'woods' })).toEqual(before);
  });

  test('counts what the package cache does not have', async () => {
    await told(own.venvs.createVenv({ name: 'bare' }));
    const size = (name: string) => files.find((file) => file.name === name)?.bytes.length as number;
    const request = { name: 'bare', requirements: 'large\nlarger # both\nleaf==1.0\n' };
    const changes = ['large - -> 1.0', 'larger - -> 1.0', 'leaf - -> 1.0'];
    expect(await plan(request)).toEqual({ changes, downloadBytes: size('large') + size('larger') });
    await told(own.venvs.createVenv({ name: 'has-large', spec: { packages: ['large'] } }));
    expect(await plan(request)).toEqual({ changes, downloadBytes: size('larger') });
  });

  test('of a lock tells what the lock says, and refuses one for another Python', async () => {
    const { text } = await own.venvs.exportVenv({ name: 'woods', format: ExportFormat.PYLOCK });
    expect(await plan({ name: 'woods', requirements: text })).toEqual({ changes: [], downloadBytes: 0 });
    const { changes } = await plan({ requirements: text });
    expect(changes).toEqual(
      ['big-tree', 'leaf', 'sky', 'stone', 'water'].map((name) => expect.stringContaining(`${name} - -> `)),
    );
    const later = text.replace(/requires-python = ".*"/, 'requires-python = ">=3.99"');
    await expect(plan({ requirements: later })).rejects.toThrow(/the lock needs another Python: >=3\.99/);
  });

  test('that is cancelled ends uv', async () => {
    let isAsked = () => {};
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    await using silent = await startPackageIndex({
      misbehave: () => {
        isAsked();
        return true;
      },
    });
    const cancel = new AbortController();
    const index = { defaultIndex: silent.url };
    const running = own.venvs.planPackages({ packages: ['leaf'], index }, { signal: cancel.signal });
    running.catch(() => {});
    await asked;
    const isUv = ({ commandLine }: ProcessIdentity) => /\/uv pip install --dry-run/.test(commandLine);
    expect(processesBelow(own.gateway.pid).some(isUv)).toBe(true);
    cancel.abort();
    await expect(running).rejects.toThrow(/cancel/);
    await until('uv is gone', () => !processesBelow(own.gateway.pid).some(isUv));
  });

  test('is made for many at once', async () => {
    const plans = Array.from({ length: 8 }, () => plan({ name: 'woods', packages: ['prints'] }));
    for (const one of await Promise.all(plans)) expect(one.changes).toEqual(['prints - -> 1.0']);
  });

  test('tells nothing where all is there already', async () => {
    expect(await plan({ name: 'woods', packages: ['leaf', 'stone'] })).toEqual({ changes: [], downloadBytes: 0 });
  });

  test('with upgrade tells the newest versions, of all that was asked for where none is named', async () => {
    await told(own.venvs.createVenv({ name: 'old', spec: { packages: ['leaf<1.1'] } }));
    expect((await plan({ name: 'old', packages: ['leaf'] })).changes).toEqual([]);
    expect((await plan({ name: 'old', packages: ['leaf'], upgrade: true })).changes).toEqual(['leaf 1.0 -> 1.1']);
    expect((await plan({ name: 'old', upgrade: true })).changes).toEqual([]); // leaf<1.1 was asked for
  });

  test('fails as the change would', async () => {
    await expect(plan({ name: 'woods', packages: ['nowhere-at-all'] })).rejects.toThrow(
      'no such package: "nowhere-at-all"',
    );
    await expect(plan({ name: 'woods', packages: ['source-only'] })).rejects.toThrow('would have to be built');
    await expect(plan({ name: 'woods', packages: ['leaf='] })).rejects.toThrow(
      'packages[0] "leaf=": a version is asked for',
    );
    await expect(plan({ name: 'woods', requirements: 'leaf\n-r x' })).rejects.toThrow('requirements line 2');
    await expect(plan({ name: 'woods' })).rejects.toThrow('nothing is asked for');
    const index = { extraIndexes: ['https://more.example'] };
    await expect(plan({ name: 'woods', packages: ['leaf'], index })).rejects.toThrow('--allow-extra-indexes');
  });
});
