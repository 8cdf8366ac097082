/** The life of a gateway in the background, from the command line. */
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { begin, run } from '../../support/command-line.ts';
import { createSharedHome } from '../../support/gateway.ts';
import type { TestHome } from '../setup/test-home.ts';

// Each starts gateways and a dozen commands, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let made: TestHome;
const beep = (...args: readonly string[]) => run(args, made);
const status = async () => JSON.parse((await beep('status', '--json')).stdout);
beforeAll(async () => {
  made = await createSharedHome();
  writeFileSync(
    join(made.home, 'config.toml'),
    `http-port = 0\nrpc-port = 0\npipe-name = "${join(made.home, 'pipe')}"\n`,
  );
});
afterAll(async () => {
  await beep('stop', '--now');
  await made[Symbol.asyncDispose]();
});

test('nothing runs: status says so with 3, stop has nothing to do', async () => {
  expect(await beep('status')).toMatchObject({ code: 3, stdout: '' });
  expect(await status()).toEqual({ running: false, home: made.home });
  expect(await beep('stop')).toMatchObject({ code: 0, stdout: `no gateway runs for ${made.home}\n` });
  expect(await beep('exec', '1')).toMatchObject({ code: 3 });
});

test('start, status, logs, restart with the same flags, stop', async () => {
  const started = await beep('start', '--detach', '--workers', '1');
  expect(started.code).toBe(0);
  const first = await status();
  expect(first).toMatchObject({ running: true, workers: 1, home: made.home });
  expect(started.stdout).toContain(first.endpoints.http);
  expect((await beep('exec', 'kept = 1')).code).toBe(0);
  expect((await beep('logs', '-n', '1')).stdout).toContain('ExecuteService');

  const restarted = await beep('restart');
  expect(restarted.stderr).toBe('');
  expect(restarted.code).toBe(0);
  const second = await status();
  expect(second).toMatchObject({ running: true, workers: 1 });
  expect(second.pid).not.toBe(first.pid);

  expect(await beep('stop')).toMatchObject({ code: 0 });
  expect((await beep('status')).code).toBe(3);
  expect(existsSync(join(made.home, 'run', 'gateway.json'))).toBe(false);
});

test('a log that was moved away is begun anew at SIGHUP, and logs -f goes on with the new one', async () => {
  await beep('start', '--detach');
  const { pid } = await status();
  const log = join(made.home, 'logs', 'gateway.log');
  const following = begin(['logs', '-f', '-n', '0'], made);
  await beep('exec', '--id', 'before', '1');
  await following.until('Execute');
  renameSync(log, `${log}.old`);
  process.kill(pid, 'SIGHUP');
  for (;;) {
    // Signals are heard some time later: the gateway's calls tell when.
    await beep('exec', '2');
    if (existsSync(log)) break;
  }
  await beep('exec', '3');
  await following.until('Execute');
  following.process.kill('SIGINT');
  expect((await following.ended).code).toBe(0);
  expect(readFileSync(log, 'utf8')).toContain('Execute');
  rmSync(`${log}.old`);
  expect((await status()).pid).toBe(pid);
});

test('a log that has its size becomes an old one, and so many old ones are kept', async () => {
  await beep('stop');
  await beep('start', '--detach', '--log-file-bytes', '64KiB', '--kept-log-files', '1', '--log-format', 'json');
  const { endpoints } = await status();
  const log = join(made.home, 'logs', 'gateway.log');
  const old = () => (existsSync(`${log}.1`) ? readFileSync(`${log}.1`, 'utf8') : '');
  const call = () => fetch(`${endpoints.http}/nowhere`).then((answer) => answer.text());
  for (const rotations = new Set<string>(); rotations.size < 3; rotations.add(old().slice(0, 200))) {
    await Promise.all(Array.from({ length: 20 }, call));
  }
  expect(statSync(`${log}.1`).size).toBeLessThanOrEqual(64 * 1024);
  expect(existsSync(`${log}.2`)).toBe(false);
  for (const line of old().trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('time');
});

test('a port that is taken: by which process', async () => {
  const { pid, endpoints } = await status();
  await using other = await createSharedHome();
  const port = new URL(endpoints.http).port;
  const { code, stderr } = await run(['start', 'Http', '--port', port], other);
  expect(code).toBe(1);
  expect(stderr).toContain(`process ${pid} (`);
  expect(stderr).toContain(`127.0.0.1:${port}`);
  writeFileSync(join(other.home, 'config.toml'), `http-port = ${port}\n`);
  const looked = await run(['doctor'], other);
  expect([looked.code, looked.stdout]).toEqual([1, expect.stringContaining(`${port} is taken by process ${pid} (`)]);
});

test('a file that a dead gateway left counts for nothing', async () => {
  const { pid } = await status();
  process.kill(pid, 'SIGKILL');
  expect((await beep('stop')).stdout).toContain('no gateway runs');
  expect((await beep('status')).code).toBe(3);
  expect((await beep('start', '--detach')).code).toBe(0);
  expect((await status()).pid).not.toBe(pid);
});

test('tokens: another caller has sessions of its own, after a restart', async () => {
  const added = await beep('token', 'add', 'other');
  expect(added.stderr).toContain('beep-python restart');
  const path = added.stdout.trim();
  await beep('restart');
  expect((await beep('exec', '--token-file', path, 'mine = 1')).code).toBe(0);
  expect(JSON.parse((await beep('session', 'list', '--json')).stdout)).toEqual([]);
  expect(JSON.parse((await beep('session', 'list', '--json', '--token-file', path)).stdout)).toHaveLength(1);
  const before = readFileSync(path, 'utf8');
  await beep('token', 'rotate', 'other');
  expect(readFileSync(path, 'utf8')).not.toBe(before);
  expect((await beep('token', 'remove', 'other')).code).toBe(0);
  expect((await beep('token', 'path', 'other')).code).toBe(1);
  expect((await beep('token', 'add', '../x')).code).toBe(2);
  expect((await beep('token', 'remove', 'default')).code).toBe(2);
});

test('environments are made, looked at, and deleted', async () => {
  const name = `cli-${process.pid}`;
  const made = await beep('venv', 'create', name);
  expect(made.stderr).not.toContain('beep-python:');
  expect(made.stdout).toContain(`${name}: generation 1`);
  try {
    expect(JSON.parse((await beep('venv', 'status', name, '--json')).stdout)).toMatchObject({ name, generation: 1 });
    expect(await beep('venv', 'check', name)).toMatchObject({ code: 0, stdout: `${name} is sound\n` });
    expect((await beep('venv', 'create', name)).code).toBe(1);
    expect((await beep('venv', 'ensure', name, 'not=a=requirement')).code).toBe(1);
    expect((await beep('exec', '--venv', name, 'import sys; print(sys.prefix)')).stdout).toContain(name);
  } finally {
    expect((await beep('venv', 'delete', name, '--force')).code).toBe(0);
  }
  expect((await beep('venv', 'status', name)).code).toBe(1);
});

test('runtimes are listed as the original named it, too', async () => {
  const [{ path, version }] = JSON.parse((await beep('list', '--json')).stdout);
  expect((await beep('runtime', 'list')).stdout).toContain(path);
  expect((await beep('runtime', 'verify')).stdout).toMatch(/^sound: /);
  expect(version).toMatch(/^3\./);
});

test('doctor finds nothing wrong', async () => {
  const { code, stdout } = await beep('doctor', '--json');
  const findings = JSON.parse(stdout);
  expect(findings.filter(({ state }: { state: string }) => state === 'failed')).toEqual([]);
  expect(code).toBe(0);
});
