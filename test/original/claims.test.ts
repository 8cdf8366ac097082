/** Code that finds its session's sockets and answers in its place: what it claims breaks neither an answer nor the next. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';
import { type Facade, facades } from './facades.ts';
import { client } from './operations.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ flags: ['--auth', 'same-user'] });
});

afterAll(() => gateway?.stop());

/** Defines `claim(answer, blob)`, which answers what runs and ends the process. */
const prelude = `
import json, os, struct, sys
def claim(answer, blob=b''):
    work = sorted(int(fd) for fd in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{fd}')
                  and os.readlink(f'/proc/self/fd/{fd}').startswith('socket:'))[1]
    frame = sys._getframe()
    while not hasattr(frame.f_locals.get('self'), '_header'): frame = frame.f_back
    end = {'op': 'end', 'id': frame.f_locals['self']._header['id'], 'outcome': 'ok', 'results': [answer]}
    text = json.dumps({**end, 'blobs': [len(blob)]}).encode()
    data = struct.pack('!II', 4 + len(text) + len(blob), len(text)) + text + blob
    while data: data = data[os.write(work, data):]
    os._exit(0)
class Liar:
    def __init__(self, *said): self.said = said
    def __len__(self): claim(*self.said)
    def __getitem__(self, index): pass
`;

const values = [
  ['no JSON', `{'value': 0}, b'x y'`],
  ['nothing', `{'value': 0}, b''`],
  ['two values', `{'value': 0}, b'1,"more":2'`],
  ['the end of the object', `{'value': 0}, b'1},"x":{"y":1'`],
  ['a line', `{'value': 0}, b'1\\n{"result":{"value":2}}'`],
  ['half a text', `{'value': 0}, b'"abc'`],
  ['no UTF-8, unquoted', `{'value': 0}, b'\\xff'`],
] as const;

const arrays = [
  ['endless rows', `{'value': 0, 'count': 0, 'pieces': 1, 'rows': 1 << 60, 'width': 0}`],
  ['rows that do not make up the count', `{'value': 0, 'count': 2, 'pieces': 1, 'rows': 3, 'width': 5}, b'1,2'`],
  ['a count beyond all', `{'value': 0, 'count': 1 << 63, 'pieces': 1, 'rows': 1 << 32, 'width': 1 << 31}`],
] as const;

const numbers = [
  ['fewer than it said', `{'value': 0, 'count': 3, 'pieces': 1, 'whole': True}, b'1,2'`],
  ['more than it said', `{'value': 0, 'count': 1, 'pieces': 1, 'whole': True}, b'1,2'`],
  ['what is part of a float', `{'value': 0, 'count': 1, 'pieces': 1}, b'123456'`],
  ['what are none', `{'value': 0, 'count': 1, 'pieces': 1, 'whole': True}, b'1}\\n{2'`],
  ['pieces that never come', `{'value': 0, 'count': 1, 'pieces': 1 << 31, 'handle': 'x', 'whole': True}, b'1'`],
  [
    'rows where none were asked for',
    `{'value': 0, 'count': 2, 'pieces': 1, 'rows': 2, 'width': 1, 'whole': True}, b'1,2'`,
  ],
] as const;

describe.each(Object.keys(facades) as Facade['name'][])('over %s', (name) => {
  test.each(values)('a value that is %s', async (_, said) => {
    await using facade = await facades[name](gateway);
    const { evaluate, ask } = client(facade);
    const answer = await evaluate(`${prelude}claim(${said})`);
    expect(answer.fault).toBe('code');
    expect(answer.error).toContain('inside the gateway');
    await until('the process that claimed it is replaced', async () => (await evaluate('1')).value === '1');
    expect((await ask('module_available', { moduleName: '"math"' })).available).toBe(true);
  });

  test.each([...arrays.map((row) => [...row, true] as const), ...numbers.map((row) => [...row, false] as const)])(
    'an array with %s',
    async (_, said, isTable) => {
      // What has begun to be answered ends with its connection.
      await using facade = await facades[name](gateway);
      const { evaluate, floats, floats2d } = client(facade);
      const { handle } = await evaluate(`${prelude}Liar(${said})`);
      const answer = await (isTable ? floats2d : floats)(handle?.handleId as string).catch(() => 'cut off');
      if (answer !== 'cut off') expect(answer).toMatchObject({ error: expect.any(String) });
      await using again = await facades[name](gateway);
      const next = () => client(again).evaluate('1');
      await until('the process that claimed it is replaced', async () => (await next()).value === '1');
    },
  );
});
