/** What somebody meets who has just cloned the repository. Real packages, so it takes a while; npm's and pip's caches are shared. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { createTestFolder, root } from './test-home.ts';

const isClone = existsSync(join(root, '.git'));

interface Entered {
  readonly code: number | null;
  readonly output: string;
}

function startEntering(clone: string, home: string, env: NodeJS.ProcessEnv = {}) {
  // What pip compiles ahead nobody runs here, and it is half of the work.
  const child = spawn(process.execPath, [join(clone, 'scripts', 'enter.js'), 'start', '--help'], {
    env: { ...process.env, npm_execpath: undefined, BEEP_PYTHON_HOME: home, PIP_NO_COMPILE: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const ended: Promise<Entered> = once(child, 'close').then(([code]) => ({ code, output }));
  const says = async (text: string) => {
    while (!output.includes(text) && child.exitCode === null) await Promise.race([once(child.stderr, 'data'), ended]);
  };
  return { child, ended, says };
}

test.skipIf(!isClone)(
  'a fresh clone sets itself up once, also after it was killed and when it is started twice',
  { timeout: 300_000 },
  async () => {
    await using folder = await createTestFolder();
    const [clone, home] = [join(folder.path, 'clone'), join(folder.path, 'home')];
    execFileSync('git', ['clone', '--quiet', '--no-hardlinks', root, clone]);

    const killed = startEntering(clone, home);
    await killed.says('building the admin environment');
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(existsSync(join(home, 'admin')), 'a killed set-up publishes nothing').toBe(false);

    const [first, second] = await Promise.all([startEntering(clone, home).ended, startEntering(clone, home).ended]);
    for (const { code, output } of [first, second]) {
      expect(output).toContain('start the gateway');
      expect(code).toBe(0);
    }
    const builds = [first, second].filter(({ output }) => output.includes('ok building the admin environment'));
    expect(builds, 'two set-ups at once build once').toHaveLength(1);
    expect(first.output + second.output, 'npm packages were there already').not.toContain('installing npm packages');
    expect(lstatSync(join(home, 'admin')).isSymbolicLink()).toBe(true);
    expect(readdirSync(join(home, 'admin-versions')), 'nothing half done is left').toHaveLength(1);

    const nothing = join(folder.path, 'nothing');
    mkdirSync(nothing);
    const third = await startEntering(clone, home, { PATH: nothing }).ended;
    expect(third.output, 'a second start does no set-up work').not.toMatch(/finding|installing|building/);
    expect(third.code).toBe(0);
  },
);

test.skipIf(!isClone)('what is missing is said in one sentence', async () => {
  await using folder = await createTestFolder();
  const [clone, home, bin] = ['clone', 'home', 'bin'].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ];
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', root, clone]);
  mkdirSync(bin);
  const withoutNpm = await startEntering(clone, home, { PATH: bin }).ended;
  expect(withoutNpm).toEqual({ code: 1, output: expect.stringMatching(/^beep-python: npm is needed .*\n$/) });

  const npm = (process.env.PATH ?? '').split(delimiter).find((place) => existsSync(join(place, 'npm')));
  symlinkSync(join(npm as string, 'npm'), join(bin, 'npm'));
  symlinkSync(process.execPath, join(bin, 'node'));
  symlinkSync('/usr/bin/env', join(bin, 'env'));
  const withoutPython = await startEntering(clone, home, { PATH: bin }).ended;
  expect(withoutPython.code).toBe(1);
  expect(withoutPython.output).toContain(
    'beep-python: Python 3.11 or newer is needed, with venv, and none was found on the PATH',
  );
  expect(existsSync(join(clone, 'node_modules')), 'nothing is half done').toBe(false);
});

test.skipIf(!isClone)('packages behind a link belong to somebody else, and are left alone', async () => {
  await using folder = await createTestFolder();
  const [clone, home, others] = ['clone', 'home', 'others'].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ];
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', root, clone]);
  // What is tested is the code as it stands here.
  cpSync(join(root, 'scripts', 'setup'), join(clone, 'scripts', 'setup'), { recursive: true });
  mkdirSync(join(others, 'package'), { recursive: true });
  symlinkSync(others, join(clone, 'node_modules'));
  const { code, output } = await startEntering(clone, home).ended;
  expect(code).toBe(1);
  expect(output).toContain('is a link, and npm would empty the folder behind it');
  expect(readdirSync(others)).toEqual(['package']);
});
