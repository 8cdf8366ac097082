/** How uv is called: what it sees, what others see of it, and that nothing of it stays. */
import { closeSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { uvFailure } from '../../../src/uv/failure.ts';
import { runUv } from '../../../src/uv/run.ts';
import { tryLock } from '../../../src/venvs/changes/lock.ts';
import { startPackageIndex } from '../../support/package-index.ts';
import { type ProcessIdentity, processesMarked, stillRunning } from '../../support/processes.ts';
import { until } from '../../support/until.ts';
import { makeSourceDistribution, makeWheel } from '../../support/wheel.ts';
import { sharedAdminFolder } from '../setup/test-home.ts';
import { createUvPlace, onlyIndex, type UvPlace } from './uv-calls.ts';

let place: UvPlace;
beforeAll(async () => {
  place = await createUvPlace();
});
afterAll(() => place?.[Symbol.asyncDispose]());

const credentials = { user: 'anna', password: 's3cret/with@signs' };
/** A build that waits for ever, with a child that does not end when it is asked to. */
const stubborn = (marker: string) =>
  makeSourceDistribution({
    name: 'stubborn',
    version: '1.0',
    setup: '',
    files: {
      'pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
      'backend.py': `
import subprocess, sys
def prepare_metadata_for_build_wheel(*_, **__):
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(3600)"
    subprocess.run([sys.executable, "-c", code, ${JSON.stringify(marker)}])
build_wheel = prepare_metadata_for_build_wheel
`,
    },
  });

async function started(marker: string): Promise<ProcessIdentity[]> {
  await until('the build runs', () => processesMarked(marker).length > 0, 20_000);
  return processesMarked(place.path).concat(processesMarked(marker));
}

test('credentials of an index work, and stand in no argument and no text', async () => {
  const seen: string[] = [];
  const lines: string[] = [];
  await using own = await startPackageIndex({
    files: [makeWheel({ name: 'plain', version: '1.0' })],
    credentials,
    misbehave: () => {
      seen.push(...processesMarked(place.path).map(({ commandLine }) => commandLine));
      return false;
    },
  });
  const index = onlyIndex(own.urlWithCredentials);
  const result = await runUv(place.places, ['pip', 'install', '-v', '--python', place.venv, '-r', '-'], {
    timeoutMs: 30_000,
    input: 'plain\n',
    index,
    onLine: (line) => lines.push(line),
  });
  expect(result).toMatchObject({ exitCode: 0, endedBy: 'exit', stderr: expect.stringContaining('+ plain==1.0') });
  expect(lines.join('\n')).toContain('+ plain==1.0');
  expect(seen.length).toBeGreaterThan(0);
  expect(`${seen.join('\n')}${lines.join('\n')}${result.stderr}`).not.toMatch(/s3cret|anna/);
});

test('lines come as uv writes them, each whole', async () => {
  const order: string[] = [];
  await using own = await startPackageIndex({
    files: [makeWheel({ name: 'in-order', version: '1.0' })],
    misbehave: (path, _response, request) => {
      if (!path.startsWith('/files') || request.method === 'HEAD') return false;
      order.push('file');
      return false;
    },
  });
  await runUv(place.places, ['pip', 'install', '--python', place.venv, '-r', '-'], {
    timeoutMs: 30_000,
    input: 'in-order\n',
    index: onlyIndex(own.url),
    onLine: (line) => order.push(line.trim()),
  });
  expect(order.at(0)).toMatch(/^Using Python/);
  expect(order.at(-1)).toBe('+ in-order==1.0');
  expect(order.indexOf('file')).toBeLessThan(order.indexOf('+ in-order==1.0'));
});

test('a cancelled call takes with it all that it had started, also what does not want to end', async () => {
  const marker = `stubborn-${process.pid}-cancel`;
  await using own = await startPackageIndex({ files: [stubborn(marker)] });
  const index = onlyIndex(own.url, { allowBuild: true });
  const cancel = new AbortController();
  const running = place.install('stubborn\n', index, { signal: cancel.signal });
  const processes = await started(marker);
  cancel.abort();
  const result = await running;
  expect(result).toMatchObject({ exitCode: undefined, endedBy: 'cancel' });
  expect(uvFailure(result)).toMatchObject({ reason: 'CANCELLED' });
  await until('all of it is gone', () => stillRunning(processes).length === 0);
});

test('a call that takes too long is ended in the same way', async () => {
  await using silent = await startPackageIndex({ misbehave: () => true });
  const index = onlyIndex(silent.url);
  const result = await place.install('plain-too\n', index, { timeoutMs: 1000 });
  expect(result).toMatchObject({ exitCode: undefined, endedBy: 'timeout' });
  expect(uvFailure(result, { action: 'install packages', index })).toMatchObject({
    reason: 'INDEX_UNREACHABLE',
    message: expect.stringMatching(/^could not install packages within \d+ s; asked: http/),
  });
  expect(uvFailure(result, { action: 'check packages' })).toMatchObject({ reason: 'START_FAILED' });
  await until('all of it is gone', () => processesMarked(place.path).length === 0);
});

test('a call that is cancelled before it begins starts nothing', async () => {
  const result = await place.install('plain\n', onlyIndex('http://127.0.0.1:9/simple'), {
    signal: AbortSignal.abort(),
  });
  expect(result).toMatchObject({ endedBy: 'cancel', tookMs: 0 });
});

test('a call that is cancelled while uv is being started ends', async () => {
  await using silent = await startPackageIndex({ misbehave: () => true });
  const leave = new AbortController();
  const running = runUv(place.places, ['pip', 'install', '--python', place.venv, '-r', '-'], {
    timeoutMs: 30_000,
    input: 'plain\n',
    index: onlyIndex(silent.url),
    signal: leave.signal,
  });
  leave.abort();
  expect(await running).toMatchObject({ endedBy: 'cancel', tookMs: expect.toSatisfy((ms: number) => ms < 20_000) });
});

test('uv that is killed from outside is told apart from uv that failed', async () => {
  const marker = `stubborn-${process.pid}-kill`;
  await using own = await startPackageIndex({ files: [stubborn(marker)] });
  const running = place.install('stubborn\n', onlyIndex(own.url, { allowBuild: true }));
  const processes = await started(marker);
  const uv = processes.find(({ commandLine }) => commandLine.includes('/bin/uv '));
  process.kill(uv?.pid as number, 'SIGKILL');
  // What it had started holds its streams; the call does not wait for that.
  const result = await running;
  expect(result).toMatchObject({ exitCode: undefined, endedBy: 'kill' });
  expect(uvFailure(result)).toMatchObject({ reason: 'START_FAILED' });
  await until('all of it is gone', () => stillRunning(processes).length === 0);
});

test('a lock that uv holds too stays taken until uv is gone', async () => {
  const marker = `stubborn-${process.pid}-lock`;
  await using own = await startPackageIndex({ files: [stubborn(marker)] });
  const python = join(sharedAdminFolder(), 'bin', 'python');
  const path = join(place.path, 'held.lock');
  const lock = await tryLock(path, python);
  const cancel = new AbortController();
  const running = place.install('stubborn\n', onlyIndex(own.url, { allowBuild: true }), {
    signal: cancel.signal,
    lockFd: lock?.fd as number,
  });
  await started(marker);
  lock?.release();
  expect(await tryLock(path, python)).toBeUndefined();
  cancel.abort();
  await running;
  using again = await tryLock(path, python);
  expect(again).toBeDefined();
});

test('uv sees neither the variables nor the project files of whoever started the gateway', async () => {
  const project = join(place.path, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'pyproject.toml'), '[tool.uv]\nrequired-version = "==0.0.1"\n');
  writeFileSync(join(project, 'uv.toml'), 'required-version = "==0.0.1"\n');
  process.env.UV_REQUIRE_HASHES = '1';
  try {
    await using own = await startPackageIndex({ files: [makeWheel({ name: 'alone', version: '1.0' })] });
    const places = { ...place.places, emptyFolder: join(project, 'empty') };
    const args = ['pip', 'install', '--python', place.venv, '-r', '-'];
    const call = { timeoutMs: 30_000, input: 'alone\n', index: onlyIndex(own.url) };
    expect((await runUv(places, args, call)).exitCode).toBe(0);
  } finally {
    delete process.env.UV_REQUIRE_HASHES;
  }
});

test('uv that is not there is an error, not a hang', async () => {
  const places = { ...place.places, uv: join(place.path, 'no-uv') };
  await expect(runUv(places, ['--version'], { timeoutMs: 30_000 })).rejects.toThrow(/ENOENT/);
});

test('nothing of it stays open', async () => {
  const open = () => readdirSync('/proc/self/fd').length;
  const fd = openSync(join(place.path, 'held.lock'), 'a');
  await runUv(place.places, ['--version'], { timeoutMs: 30_000, lockFd: fd });
  const before = open();
  for (let round = 0; round < 5; round++) await runUv(place.places, ['--version'], { timeoutMs: 30_000, lockFd: fd });
  expect(open()).toBe(before);
  closeSync(fd);
});
