/** The pipe itself: its paths and their guards, lines in any pieces, bad ones, and how it is started. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestFolder, root } from '../integration/setup/test-home.ts';
import { createSharedHome, startGateway, type TestGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';
import { lineReader } from './facades.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
});

afterAll(() => gateway?.stop());

/** A connection that writes texts and reads lines. */
function connect(path = gateway.pipe) {
  const socket = createConnection(path);
  socket.on('error', () => {});
  const line = lineReader(socket);
  return {
    socket,
    line,
    async say(...texts: string[]) {
      for (const text of texts) socket.write(text);
      return JSON.parse(await line());
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}

const ok = { result: { status: 'ok' }, status: 'ok' };
const ping = '{"command":"ping","payload":{}}';

test('it is at both paths where the original was looked for, for its user alone', async () => {
  const name = basename(gateway.pipe).replace('CoreFxPipe_', '');
  expect(gateway.pipe).toBe(join(process.env.TMPDIR || '/tmp', `CoreFxPipe_${name}`));
  for (const path of [gateway.pipe, `/tmp/${name}.sock`]) {
    expect(statSync(path).mode & 0o777, path).toBe(0o600);
    using client = connect(path);
    expect(await client.say(`${ping}\n`)).toEqual(ok);
  }
  expect(JSON.parse(readFileSync(join(gateway.home, 'run', 'gateway.json'), 'utf8')).endpoints.pipe).toBe(gateway.pipe);
});

test("the first path follows TMPDIR, as .NET's clients do, and the second does not", async () => {
  await using folder = await createTestFolder();
  await using own = await startGateway({ env: { TMPDIR: folder.path, TMP: '/nowhere' } });
  expect(dirname(own.pipe)).toBe(folder.path);
  const name = basename(own.pipe).replace('CoreFxPipe_', '');
  for (const path of [own.pipe, `/tmp/${name}.sock`]) {
    using client = connect(path);
    expect(await client.say(`${ping}\n`)).toEqual(ok);
  }
});

test('lines come in any pieces, with a mark before the first and ends as on Windows', async () => {
  using client = connect();
  expect(await client.say('\ufeff', `${ping}\r\n`)).toEqual(ok);
  expect(await client.say(`\ufeff${ping}`, '\r', '\n')).toEqual(ok);
  const text = '{"command":"eval","payload":{"expression":"\'h\u00e4\u{1f600}\'"}}\n';
  for (const byte of Buffer.from(text)) client.socket.write(Buffer.of(byte)); // within characters, too
  expect(JSON.parse(await client.line()).value).toBe('h\u00e4\u{1f600}');
  expect(await client.say(...ping, '\n')).toEqual(ok);
  expect(await client.say(`\n\r\n${ping}\n`)).toEqual(ok);
  client.socket.write(`${ping}\n${ping}\n{"command":"eval","payload":{"expression":"'\u00e9'"}}\n`);
  expect([await client.line(), await client.line()].map((text) => JSON.parse(text))).toEqual([ok, ok]);
  expect(JSON.parse(await client.line()).value).toBe('\u00e9');
});

test('a payload may be null or not there', async () => {
  using client = connect();
  expect(await client.say('{"command":"ping"}\n')).toEqual(ok);
  for (const payload of ['null', '[1]', '"x"', '2']) {
    expect(await client.say(`{"command":"ping","payload":${payload}}\n`)).toEqual(ok);
  }
  expect(await client.say('{"command":"wrap"}\n')).toMatchObject({ typeName: 'NoneType' });
});

test('a bad line is answered by one with an error, and the connection stays', async () => {
  using client = connect();
  const bad = [
    '{bad',
    '[]',
    '"ping"',
    'null',
    '{}',
    '{"command":1}',
    '{"command":"nothing"}',
    '{"command":"constructor"}',
    '{"command":"import","payload":[]}',
    '{"command":"import","payload":{}}',
    '{"command":"import","payload":{"moduleName":"\\ud800"}}',
    '{"command":"eval","payload":{"expression":"float(\'nan\')"}}',
    `{"command":"wrap","payload":{"value":${'['.repeat(1000)}${']'.repeat(1000)}}}`,
  ];
  for (const line of bad) {
    expect(await client.say(`${line}\n`), line).toEqual({
      error: expect.any(String),
      reason: expect.any(String),
    });
    expect(await client.say(`${ping}\n`)).toEqual(ok);
  }
  client.socket.write(Buffer.from([0xff, 0xfe, 0x0a]));
  expect(JSON.parse(await client.line()).error).toContain('UTF-8');
  expect((await client.say('{"command":"nothing"}\n')).error).toBe('Unknown command: nothing');
  const raised = await client.say('{"command":"eval","payload":{"expression":"1/0"}}\n');
  expect(raised).toMatchObject({ error: 'division by zero', traceback: expect.stringContaining('Traceback') });
});

test('a line beyond the bound is refused, and the next one answered', async () => {
  using client = connect();
  const part = 'x'.repeat(1 << 20);
  for (let i = 0; i < 17; i++) if (!client.socket.write(part)) await once(client.socket, 'drain');
  expect(await client.say('\n')).toMatchObject({ reason: 'MESSAGE_TOO_LARGE' });
  expect(await client.say(`${ping}\n`)).toEqual(ok);
});

test('code is executed as by the plain route, in the session of the connection', async () => {
  using client = connect();
  const executed = await client.say('{"command":"execute","payload":{"code":"x = 2.0\\nprint(x)\\nx"}}\n');
  expect(executed.result).toMatchObject({ stdout: '2.0\n', result: 2, outcome: 'OK' });
  expect(await client.say('{"command":"eval","payload":{"expression":"x + 1"}}\n')).toMatchObject({ value: 3 });
  expect(await client.say('{"command":"execute","payload":{}}\n')).toMatchObject({ reason: 'INVALID_ARGUMENT' });
});

test('many clients are there at once, and each is answered with its own', async () => {
  const clients = Array.from({ length: 100 }, () => connect());
  expect(await Promise.all(clients.map((client) => client.say(`${ping}\n`)))).toEqual(clients.map(() => ok));
  const working = clients.slice(0, 6);
  const say = (command: string, payload: object) => (client: (typeof clients)[number]) =>
    client.say(`${JSON.stringify({ command, payload })}\n`);
  const own = await Promise.all(working.map((client, i) => say('wrap', { value: [i] })(client)));
  const values = working.map((client, i) => say('call', { handleId: own[i].handleId, methodName: 'pop' })(client));
  expect((await Promise.all(values)).map(({ value }) => value)).toEqual(working.map((_, i) => i));
  for (const client of clients) client.socket.destroy();
});

test('who says no more is still answered', async () => {
  const socket = createConnection(gateway.pipe);
  socket.end('{"command":"eval","payload":{"expression":"6*7"}}\n{"command":"ping"}');
  let said = '';
  for await (const chunk of socket.setEncoding('utf8')) said += chunk;
  expect(said.trim().split('\n').map((line) => JSON.parse(line))).toEqual([{ result: { value: 42 }, value: 42 }, ok]); // biome-ignore format: one line
});

test('the session of a connection ends with it', async () => {
  await using folder = await createTestFolder();
  const ended = join(folder.path, 'ended');
  const client = connect();
  const code = JSON.stringify(`import atexit; atexit.register(lambda: open(${JSON.stringify(ended)}, 'w').close())`);
  await client.say(`{"command":"eval","payload":{"expression":${code}}}\n`);
  client.socket.destroy();
  await until('the session has ended', () => existsSync(ended), 20_000);
});

test('handles that nobody lets go do not fill the gateway: the newest are there', async () => {
  using client = connect();
  const first = await client.say('{"command":"wrap","payload":{"value":[1]}}\n');
  const line = '{"command":"wrap","payload":{"value":[2]}}\n';
  for (let round = 0; round < 52; round++) {
    client.socket.write(line.repeat(100));
    for (let i = 0; i < 100; i++) await client.line();
  }
  const gone = await client.say(`{"command":"call","payload":{"handleId":"${first.handleId}","methodName":"copy"}}\n`);
  expect(gone.error).toBe(`Handle not found: ${first.handleId}`);
  const { handleId } = await client.say(line);
  expect(
    await client.say(`{"command":"call","payload":{"handleId":"${handleId}","methodName":"copy"}}\n`),
  ).toMatchObject({ value: [2] });
}, 60_000);

test('what a killed gateway has left is replaced, at an absolute path as well', async () => {
  await using folder = await createTestFolder();
  const path = join(folder.path, 'pipe');
  const flags = ['--pipe-name', path];
  const killed = await startGateway({ flags });
  expect(killed.pipe).toBe(path);
  await killed.kill();
  expect(statSync(path).isSocket()).toBe(true);
  const next = await startGateway({ flags });
  using client = connect(path);
  expect(await client.say(`${ping}\n`)).toEqual(ok);
  client.socket.destroy();
  await next.stop();
  expect(existsSync(path)).toBe(false);
});

test.each([
  ['a file', 'is no socket'],
  ['a link', 'is no socket'],
  ['a live socket', 'another process listens'],
])('%s at its path is refused, and left as it is', async (what, why) => {
  await using folder = await createTestFolder();
  const path = join(folder.path, 'pipe');
  const file = what === 'a file' ? path : join(folder.path, 'file');
  writeFileSync(file, 'mine');
  if (what === 'a link') symlinkSync(file, path);
  const server = createServer();
  if (what === 'a live socket') await once(server.listen(path), 'listening');
  await expect(startGateway({ flags: ['--pipe-name', path] })).rejects.toThrow(why);
  expect(readFileSync(file, 'utf8')).toBe('mine');
  expect(existsSync(path)).toBe(true);
  server.close();
});

test.each([
  ['../x', 'it is a name, or an absolute path'],
  ['a/b', 'it is a name, or an absolute path'],
  [`/tmp/${'x'.repeat(100)}`, 'too long'],
])('the name %s is refused', async (name, why) => {
  await expect(startGateway({ flags: ['--pipe-name', name] })).rejects.toThrow(why);
});

test('start Pipe opens nothing else, and says how to call it', async () => {
  await using made = await createSharedHome();
  const path = join(made.home, 'pipe');
  const child = spawn(process.execPath, [join(root, 'src', 'main.ts'), 'start', 'Pipe', '--pipe-name', path], {
    env: { ...process.env, BEEP_PYTHON_HOME: made.home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const said = await saidUntil(child, 'nc -U');
    expect(said).toContain(`pipe   ${path}`);
    expect(said).not.toContain('http://');
    const { endpoints } = JSON.parse(readFileSync(join(made.home, 'run', 'gateway.json'), 'utf8'));
    expect(endpoints).toEqual({ http: null, rpc: null, pipe: path });
    using client = connect(path);
    expect(await client.say(`${ping}\n`)).toEqual(ok);
  } finally {
    child.kill('SIGINT');
    await once(child, 'exit');
  }
});

async function saidUntil(child: ChildProcess, wanted: string): Promise<string> {
  let said = '';
  for await (const chunk of child.stdout as NonNullable<ChildProcess['stdout']>) {
    said += chunk;
    if (said.includes(wanted)) return said;
  }
  throw new Error(`it never said ${wanted}: ${said}`);
}
