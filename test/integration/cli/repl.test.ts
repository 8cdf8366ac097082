/** `repl` on a terminal, as a person types. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onTerminal, run } from '../../support/command-line.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const repl = async (...flags: string[]) => {
  const terminal = onTerminal(['repl', ...flags], gateway);
  await terminal.until('>>> ');
  return terminal;
};

test('values, several lines, an exception, and Ctrl-D', async () => {
  const terminal = await repl();
  terminal.type('6 * 7\r');
  await terminal.until('\r\n42\r\n');
  await terminal.until('>>> ');
  terminal.type('for n in range(3):\r');
  await terminal.until('... ');
  terminal.type('print("n is", n)\r');
  await terminal.until('... ');
  terminal.type('\r');
  await terminal.until('n is 0\r\nn is 1\r\nn is 2\r\n');
  await terminal.until('>>> ');
  terminal.type('1 / 0\r');
  await terminal.until('ZeroDivisionError: division by zero');
  await terminal.until('>>> ');
  terminal.type('\x04');
  expect((await terminal.ended).code).toBe(0);
});

test('Ctrl-C stops the code and keeps the variables; at the prompt it drops the lines', async () => {
  const terminal = await repl();
  terminal.type('kept = "still" + " here"\r');
  await terminal.until('>>> ');
  terminal.type('import time; print("be" + "gun"); time.sleep(600)\r');
  await terminal.until('begun');
  terminal.type('\x03');
  await terminal.until('KeyboardInterrupt');
  await terminal.until('>>> ');
  terminal.type('if True:\r');
  await terminal.until('... ');
  terminal.type('\x03');
  await terminal.until('KeyboardInterrupt');
  await terminal.until('>>> ');
  terminal.type('kept\r');
  await terminal.until("'still here'");
  await terminal.until('>>> ');
  terminal.type('\x04');
  expect((await terminal.ended).code).toBe(0);
});

test('Tab completes names of the session, and the history comes back another time', async () => {
  const terminal = await repl();
  terminal.type('a_long_name = 20 + 3\r');
  await terminal.until('>>> ');
  terminal.type('a_lon\t');
  await terminal.until('a_long_name');
  terminal.type('\r');
  await terminal.until('\r\n23\r\n');
  await terminal.until('>>> ');
  terminal.type('exit(4)\r');
  expect((await terminal.ended).code).toBe(4);
  expect(readFileSync(join(gateway.home, 'repl-history'), 'utf8')).toContain('a_long_name = 20 + 3');
  const again = await repl();
  again.type('\x1b[A\x1b[A\x1b[A');
  await again.until('a_long_name = 20 + 3');
  again.type('\r');
  await again.until('>>> ');
  again.type('\x04');
  await again.ended;
});

test('input() is answered at its own prompt', async () => {
  const terminal = await repl();
  terminal.type('name = input("who" + "? ")\r');
  await terminal.until('who? ');
  terminal.type('you\r');
  await terminal.until('>>> ');
  terminal.type('print("<" + name + ">")\r');
  await terminal.until('\r\n<you>\r\n');
  terminal.type('\x04');
  await terminal.ended;
});

test('a password is asked for once and not shown, and output without a line end stays', async () => {
  const terminal = await repl();
  terminal.type('from getpass import getpass; word = getpass("wo" + "rd? ")\r');
  await terminal.until('word? ');
  terminal.type('secret\r');
  expect(await terminal.until('>>> ')).not.toContain('secret');
  terminal.type('print("no" + " end", end="")\r');
  await terminal.until('no end\r\n');
  await terminal.until('>>> ');
  terminal.type('word[::-1]\r');
  await terminal.until("'terces'");
  terminal.type('\x04');
  await terminal.ended;
});

test('its session ends with it, and one that is named stays', async () => {
  const alone = await repl();
  alone.type('\x04');
  await alone.ended;
  expect((await run(['session', 'list'], gateway)).stdout).toContain('no sessions');
  await run(['exec', 'seen = 5'], gateway);
  const [{ id }] = JSON.parse((await run(['session', 'list', '--json'], gateway)).stdout);
  const terminal = await repl('--session', id);
  terminal.type('seen + 1\r');
  await terminal.until('\r\n6\r\n');
  terminal.type('\x04');
  await terminal.ended;
  expect(JSON.parse((await run(['session', 'list', '--json'], gateway)).stdout)).toMatchObject([{ id }]);
});

test('lines from a pipe run as they are', async () => {
  const { code, stdout } = await run(['repl'], {
    home: gateway.home,
    stdin: 'x = 2\nfor n in range(2):\n  print(n + x)\n\nx * 10\nname = input("who? ")\nyou\nname\n',
  });
  expect([code, stdout]).toEqual([0, "2\n3\n20\nwho? 'you'\n"]);
});
