/** `exec`: output as it happens, the code's exit code, input, Ctrl-C. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { begin, onTerminal, run } from '../../support/command-line.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { createTestFolder } from '../setup/test-home.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const exec = (args: readonly string[], stdin?: string) => run(['exec', ...args], { home: gateway.home, stdin });

test.each<[string, readonly string[], string | undefined, number, string]>([
  ['the value of a last expression is printed', ['6 * 7'], undefined, 0, '42\n'],
  ['None is not', ['None'], undefined, 0, ''],
  ['code on stdin prints what it prints', [], 'x = 3\nx\nprint(x)', 0, '3\n'],
  [
    'arguments are those of the code',
    ['import sys; print(sys.argv[1:])', 'a', '--json'],
    undefined,
    0,
    "['a', '--json']\n",
  ],
  ['the code reads our stdin', ['print(input() + input())'], 'a\nb\n', 0, 'ab\n'],
  ['the end of our stdin is the end of its', ['import sys; print(repr(sys.stdin.read()))'], 'a\nb', 0, "'a\\nb\\n'\n"],
  ['sys.exit', ['import sys; sys.exit(5)'], undefined, 5, ''],
  ['a process that dies', ['--fresh', 'import os; os._exit(6)'], undefined, 6, ''],
  ['a signal', ['--fresh', 'import os; os.kill(os.getpid(), 11)'], undefined, 139, ''],
  ['a timeout', ['--timeout', '200ms', 'while True: pass'], undefined, 124, ''],
  ['a timeout of more than a day', ['--timeout', '36h', '6 * 7'], undefined, 0, '42\n'],
  ['the longest timeout', ['--timeout', '365d', '6 * 7'], undefined, 0, '42\n'],
  ['code that ends as a file would', ['import sys; sys.py = 7; sys.py'], undefined, 0, '7\n'],
  ['a variable of the environment', ['--env', 'HERE=1', 'import os; os.environ["HERE"]'], undefined, 0, "'1'\n"],
])('%s', async (_, args, stdin, code, stdout) => {
  expect(await exec(args, stdin)).toMatchObject({ code, stdout });
});

test('a file of this machine runs there, with arguments', async () => {
  const path = join(gateway.home, 'script.py');
  writeFileSync(path, 'import sys\nprint("é", sys.argv[1:])\n');
  expect(await exec([path, 'x'])).toMatchObject({ code: 0, stdout: "é ['x']\n" });
});

test('an exception: its traceback on stderr, and 1', async () => {
  const { code, stdout, stderr } = await exec(['1 / 0']);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('ZeroDivisionError: division by zero');
});

test('output comes while the code runs', async () => {
  const running = begin(['exec', 'print("first"); input(); print("second")'], { home: gateway.home });
  await running.until('first\n');
  running.process.stdin?.end('go\n');
  expect(await running.ended).toMatchObject({ code: 0, stdout: 'first\nsecond\n' });
});

test('Ctrl-C stops the code, which may clean up, and the variables live', async () => {
  const terminal = onTerminal(
    ['exec', 'import time; kept = 7; print("begun")\ntry: time.sleep(600)\nfinally: print("cleaned", "up")'],
    gateway,
  );
  await terminal.until('begun');
  terminal.type('\x03');
  await terminal.until('cleaned up');
  expect((await terminal.ended).code).toBe(130);
  expect((await exec(['kept'])).stdout).toBe('7\n');
});

test('a reader that goes away stops the code', async () => {
  const running = begin(['exec', '--fresh', '--id', 'floods', 'while True: print("y" * 1000)'], { home: gateway.home });
  await running.until('yyy');
  running.process.stdout?.destroy();
  expect((await running.ended).code).toBe(141);
  expect((await run(['session', 'list', '--json'], { home: gateway.home })).stdout).not.toContain('floods');
});

test('--json: all that came of it in one document, and the exit code as ever', async () => {
  const { code, stdout, stderr } = await exec([
    '--json',
    'import sys; print("é"); print("no", file=sys.stderr); 1 / 0',
  ]);
  expect([code, stderr]).toEqual([1, '']);
  expect(JSON.parse(stdout)).toMatchObject({
    outcome: 'ERROR',
    stdout: 'é\n',
    stderr: 'no\n',
    error: { type: 'ZeroDivisionError', message: 'division by zero' },
    statePreserved: true,
  });
  expect(JSON.parse((await exec(['--json', '6 * 7'])).stdout)).toMatchObject({ outcome: 'OK', resultText: '42' });
  const stopped = await exec(['--json', '--timeout', '200ms', 'while True: pass']);
  expect([stopped.code, stopped.stderr, JSON.parse(stopped.stdout).outcome]).toEqual([124, '', 'TIMEOUT']);
  const detached = await exec(['--json', '--detach', '--id', 'told-as-json', '7']);
  expect(JSON.parse(detached.stdout)).toEqual({ executionId: 'told-as-json' });
});

test("the variables of the original's clients name the gateway, where ours do not", async () => {
  await using elsewhere = await createTestFolder();
  const from = async (env: Record<string, string>) => await run(['exec', '6 * 7'], { home: elsewhere.path, env });
  const token = { BEEP_PYTHON_TOKEN_FILE: join(gateway.home, 'token') };
  expect(await from({ ...token, PYTHON_HTTP_URL: gateway.http })).toMatchObject({ code: 0, stdout: '42\n' });
  expect(await from({ ...token, PYTHON_BACKEND_TYPE: 'Rpc', PYTHON_RPC_ADDRESS: gateway.rpc })).toMatchObject({
    code: 0,
  });
  expect(await from({ ...token, PYTHON_HTTP_URL: 'http://127.0.0.1:9', BEEP_PYTHON_URL: gateway.http })).toMatchObject({
    code: 0,
  });
  const wrong = await from({ ...token, PYTHON_HTTP_URL: 'localhost' });
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('PYTHON_HTTP_URL is no URL')]);
});

test('what is detached runs on, and is followed by its id', async () => {
  const { code, stdout } = await exec(['--detach', '--id', 'my-work', 'print("one"); print(input("? "))']);
  expect([code, stdout]).toEqual([0, 'my-work\n']);
  const followed = await run(['attach', 'my-work'], { home: gateway.home });
  expect(followed.stdout).toContain('one\n');
});

describe('what cannot be', () => {
  test.each<[string, readonly string[], number, string]>([
    ['a session that is not there', ['--session', 'nobody', '1'], 1, 'nobody'],
    ['an environment that is not there', ['--venv', 'nowhere', '1'], 1, 'nowhere'],
    ['a file that is not there', ['-f', '/nowhere.py'], 2, 'no such file'],
    ['a name of a file that is not there', ['nosuch.py'], 2, 'beep-python: no such file: nosuch.py'],
    ['two places', ['--session', 'a', '--fresh', '1'], 2, '--session'],
    [
      'a time that is none',
      ['--timeout', 'soon', '1'],
      2,
      '--timeout cannot be "soon": it is a time such as 30s, 5min',
    ],
    ['a time of nothing', ['--timeout', '0s', '1'], 2, '1 ms to 365 d'],
    ['a time of ages', ['--timeout', '366d', '1'], 2, '1 ms to 365 d'],
    ['a flag that is none', ['--tiemout', '1', '1'], 2, '--timeout'],
    ['a session that is not there: where to look', ['--session', 'nobody', '1'], 1, 'see: beep-python session list'],
    ['a gateway that is not there', ['--address', 'http://127.0.0.1:9', '1'], 3, 'nothing answers'],
    ['an address that is none', ['--address', 'nowhere', '1'], 2, '--address'],
    ['a token file that is not there', ['--token-file', '/nowhere', '1'], 2, '--token-file'],
  ])('%s', async (_, args, code, said) => {
    const ran = await exec(args);
    expect(ran.code).toBe(code);
    expect(ran.stderr).toContain(said);
    expect(ran.stderr).not.toMatch(/^ {4}at /m);
  });

  test('a wrong token', async () => {
    const path = join(gateway.home, 'wrong');
    writeFileSync(path, 'x'.repeat(43));
    const ran = await exec(['--token-file', path, '1']);
    expect([ran.code, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toContain('token');
  });
});
