/** The first run on a machine without Python: one is offered, and without a network it is said what to copy where. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { onTerminal, run } from '../../support/command-line.ts';
import { type PythonMirror, startPythonMirror } from '../../support/python-mirror.ts';
import { createTestFolder } from './test-home.ts';

// An environment is built in some of them, from real packages.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

let mirror: PythonMirror;
let folder: Awaited<ReturnType<typeof createTestFolder>>;
let home: string;
beforeAll(async () => {
  mirror = await startPythonMirror({ hasPip: true });
});
afterAll(() => mirror?.[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await createTestFolder();
  home = join(folder.path, 'home');
  mirror.set([{}]);
});
afterEach(() => folder[Symbol.asyncDispose]());

/** A machine with these programs alone. */
function environment(more: Record<string, string> = {}): Record<string, string> {
  const bin = join(folder.path, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const name of ['tar', 'gzip']) {
    const place = (process.env.PATH ?? '').split(delimiter).find((one) => existsSync(join(one, name)));
    if (!existsSync(join(bin, name))) symlinkSync(join(place as string, name), join(bin, name));
  }
  return { PATH: bin, BEEP_PYTHON_PYTHON_DOWNLOADS: mirror.list, ...more };
}

test('nobody to ask: what is needed, and the command that downloads it', async () => {
  const { code, stderr } = await run(['init'], { home, env: environment() });
  expect(code).toBe(1);
  expect(stderr).toContain('Python 3.11 or newer is needed');
  expect(stderr).toMatch(
    new RegExp(`To have Python ${mirror.version} put into .*/runtimes/${mirror.key}: .* init --yes`),
  );
  expect(mirror.asked).toBe(0);
  const started = await run(['start'], { home, env: environment() });
  expect([started.code, started.stderr]).toEqual([1, expect.stringContaining('init --yes')]);
});

test('on a terminal it is asked: no changes nothing, yes makes a home that works', async () => {
  const refused = onTerminal(['init'], { home, env: environment() });
  await refused.until('for this program alone? [Y/n]');
  refused.type('n\r');
  expect((await refused.ended).code).toBe(1);
  expect(existsSync(join(home, 'runtimes'))).toBe(false);

  const asked = mirror.asked;
  const agreed = onTerminal(['init'], { home, env: environment() });
  await agreed.until('for this program alone? [Y/n]');
  agreed.type('y\r');
  await agreed.until('Next: beep-python start');
  expect((await agreed.ended).code).toBe(0);
  expect(mirror.asked).toBe(asked + 1);
  expect(realpathSync(join(home, 'admin', 'bin', 'python'))).toContain(
    realpathSync(join(home, 'runtimes', mirror.key)),
  );
  expect(readdirSync(join(home, 'downloads'))).toEqual([]);
  execFileSync(join(home, 'admin', 'bin', 'python'), ['-c', 'import grpc']);

  const flags = ['--http-port', '0', '--rpc-port', '0', '--pipe-name', join(home, 'pipe')];
  const started = await run(['start', '--detach', ...flags], { home, env: environment() });
  expect(started.code, started.stderr).toBe(0);
  try {
    expect((await run(['exec', '6 * 7'], { home })).stdout).toBe('42\n');
    const { code, stderr } = await run(['runtime', 'uninstall', mirror.key], { home });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/in use: .*admin/)]);
  } finally {
    await run(['stop', '--now'], { home });
  }
});

test('without a network: what to copy where; copied, it is taken, and then it is said of the packages', async () => {
  mirror.set([{}], (response) => void response.writeHead(503).end());
  const blocked = await run(['init', '--yes'], { home, env: environment() });
  expect(blocked.code).toBe(1);
  expect(blocked.stderr).toContain('could not be downloaded: HTTP 503');
  const place = /its place: +(\S+)/.exec(blocked.stderr)?.[1] as string;
  expect(blocked.stderr).toContain(`curl -fL -o 'python.tar.gz' '${mirror.url}/python.tar.gz'`);
  expect(blocked.stderr).toContain(mirror.sha256);
  expect(readdirSync(dirname(place)), 'nothing half is left').toEqual([]);

  writeFileSync(place, 'something else');
  const wrong = await run(['init'], { home, env: environment() });
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('is not what belongs there')]);
  expect(existsSync(join(home, 'runtimes', mirror.key))).toBe(false);

  copyFileSync(mirror.archive, place);
  const unreachable = { PIP_INDEX_URL: 'http://127.0.0.1:9/simple', PIP_RETRIES: '0', PIP_NO_CACHE_DIR: '1' };
  const copied = await run(['init'], { home, env: environment(unreachable) });
  expect(copied.code).toBe(1);
  expect(copied.stderr).toContain(`building the admin environment`);
  expect(copied.stderr).toMatch(/pip download -r \S+admin\.txt -d wheels/);
  expect(copied.stderr).toContain('PIP_NO_INDEX=1 PIP_FIND_LINKS=/path/to/wheels');
  expect(existsSync(join(home, 'admin')), 'nothing half is left').toBe(false);
});

test('what comes with another digest is not run', async () => {
  mirror.set([{ sha256: '0'.repeat(64) }]);
  const { code, stderr } = await run(['init', '--yes'], { home, env: environment() });
  expect([code, stderr]).toEqual([1, expect.stringContaining('what came is another file')]);
  expect(readdirSync(join(home, 'downloads'))).toEqual([]);
});
