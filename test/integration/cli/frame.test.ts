/** The frame of the command line: help, settings, what is refused, the interactive shell. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { begin, onTerminal, run } from '../../support/command-line.ts';
import { createTestFolder } from '../setup/test-home.ts';

let folder: Awaited<ReturnType<typeof createTestFolder>>;
const beep = (args: readonly string[], env?: Record<string, string>) => run(args, { home: folder.path, env });
beforeAll(async () => {
  folder = await createTestFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

const names =
  'init start stop restart status logs exec repl attach session runtime list venv token doctor completion service config';

test('help names every command and the exit codes, and each command has help of its own', async () => {
  const { code, stdout } = await beep(['--help']);
  expect(code).toBe(0);
  for (const name of names.split(' ')) expect(stdout).toContain(`\n  ${name}`);
  expect(stdout).toContain('Exit codes');
  for (const args of [
    ['exec', '--help'],
    ['help', 'exec'],
    ['--home', '/x', 'exec', '--help'],
  ]) {
    expect((await beep(args)).stdout).toContain('Usage: beep-python exec');
  }
});

test.each([
  [['help', 'venv', 'sync'], 'Usage: beep-python venv sync'],
  [['help', 'env', 'rm'], 'Usage: beep-python venv delete'],
  [['help', 'help'], 'Usage: beep-python help'],
  [['help'], 'Usage: beep-python ['],
])('%j shows the page of what it names', async (args, usage) => {
  const { code, stdout } = await beep(args);
  expect([code, stdout]).toEqual([0, expect.stringContaining(usage)]);
});

test.each<[readonly string[], string]>([
  [['sttaus'], 'beep-python: no such command: sttaus; nearest: status\n'],
  [['exc'], 'beep-python: no such command: exc; nearest: exec\n'],
  [['frobnicate'], 'beep-python: no such command: frobnicate; see: beep-python help\n'],
  [['help', 'nosuch'], 'beep-python: no such command: nosuch; see: beep-python help\n'],
  [['help', 'venv', 'snyc'], 'beep-python: no such command: venv snyc; nearest: venv sync\n'],
  [['help', 'exec', 'more'], 'beep-python: no such command: exec more; see: beep-python help exec\n'],
  [['exec', '--tiemout', '1'], '--timeout'],
  [['session', 'lsit'], 'list'],
  [['config', '--http-prot', '1'], '--http-port'],
  [['completion', 'csh'], 'bash, zsh, fish'],
  [['stop', 'now'], "too many arguments for 'stop'"],
  [['venv', 'status'], 'see: beep-python help venv'],
  [['exec', '--timeout'], 'see: beep-python help exec'],
])('%j is refused with the nearest name, or where to read on', async (args, said) => {
  const { code, stderr } = await beep(args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
});

test.each([
  ['stdout', ['config'], 141],
  ['stderr', ['sttaus'], 2],
] as const)('a command whose %s nobody reads any more ends: %j with %d', async (stream, args, code) => {
  const command = begin(args, { home: folder.path });
  command.process[stream]?.destroy();
  expect(await command.ended).toEqual({ code, stdout: '', stderr: '' });
});

test('config: flag before variable before file before default, and where each came from', async () => {
  const home = join(folder.path, 'with-file');
  mkdirSync(home);
  const file = join(home, 'config.toml');
  writeFileSync(
    file,
    'workers = 3\nhttp-port = 1\nrpc-port = 2\nallow-host = ["a", "b"]\nmax-message-bytes = "1MiB"\n',
  );
  const env = { BEEP_PYTHON_HTTP_PORT: '4', BEEP_PYTHON_RPC_PORT: '5' };
  const { stdout } = await beep(['config', '--json', '--home', home, '--rpc-port', '6'], env);
  const of = (name: string) => JSON.parse(stdout).find((row: { name: string }) => row.name === name);
  expect(of('rpc-port')).toMatchObject({ value: 6, source: '--rpc-port' });
  expect(of('http-port')).toMatchObject({ value: 4, source: 'BEEP_PYTHON_HTTP_PORT' });
  expect(of('workers')).toMatchObject({ value: 3, source: file });
  expect(of('allow-host')).toMatchObject({ value: ['a', 'b'], source: file });
  expect(of('max-message-bytes')).toMatchObject({ value: 1024 ** 2 });
  expect(of('auth')).toMatchObject({ value: 'token', source: 'default' });
});

test.each([
  ['wrokers = 1', 'nearest: workers'],
  ['home = "/x"', 'no such setting'],
  ['workers = 0', 'workers in '],
  ['workers = [1]', 'whole number'],
  ['workers = ', 'cannot be read'],
  ['[workers]\nx = 1', 'whole number'],
])('a file that says %j is refused', async (content, said) => {
  const home = join(folder.path, 'wrong-file');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'config.toml'), content);
  const { code, stderr } = await beep(['config', '--home', home]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
});

test('on a terminal there are colours, unless NO_COLOR says no', async () => {
  const screen = async (env: Record<string, string>) =>
    (await onTerminal(['config'], { home: folder.path, env }).ended).stdout;
  expect(await screen({})).toContain('\x1b[1m');
  expect(await screen({ NO_COLOR: '1' })).not.toContain('\x1b[');
});

test('what bash is given completes', async () => {
  const { stdout } = await beep(['completion', 'bash']);
  const script = `${stdout}\nCOMP_WORDS=(beep-python ses); COMP_CWORD=1; _beep_python; echo "\${COMPREPLY[@]}"
COMP_WORDS=(beep-python session re); COMP_CWORD=2; _beep_python; echo "\${COMPREPLY[@]}"`;
  expect(spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout).toBe('session\nrestart\n');
});

test('a unit for systemd has paths and flags as words', async () => {
  const { stdout } = await beep(['service', 'print', 'systemd', '--', '--venv', 'a b']);
  expect(stdout).toContain(`start --home ${folder.path} --venv "a b"\n`);
});

test('without a command, on a terminal: the interactive shell, with quoting, errors that end nothing, and exit', async () => {
  const terminal = onTerminal([], { home: folder.path });
  await terminal.until('runtime-host> ');
  terminal.type('token "path"\r');
  await terminal.until(join(folder.path, 'token'));
  await terminal.until('runtime-host> ');
  terminal.type('sttaus\r');
  await terminal.until('nearest: status');
  await terminal.until('runtime-host> ');
  terminal.type('"open\r');
  await terminal.until('not closed');
  await terminal.until('runtime-host> ');
  terminal.type('exit\r');
  expect((await terminal.ended).code).toBe(0);
});
