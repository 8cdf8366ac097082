/** numpy's arrays by value, both ways, and what of them is refused. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@connectrpc/connect';
import { createGrpcWebTransport } from '@connectrpc/connect-web';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExecuteService, type ExecutionResult, Outcome } from '../../../src/gen/es/beep/python/v1/execute_pb.ts';
import { ResultForm } from '../../../src/gen/es/beep/python/v1/value_pb.ts';
import type { CallFailed, Client } from '../../matrix/client.ts';
import { createPlainClient } from '../../matrix/plain.ts';
import { buildTimeoutMs, pandasEnvironment } from '../../support/environments.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { root } from '../setup/test-home.ts';
import { exchanges } from './exchanges.ts';

const generator = readFileSync(join(root, 'python', 'tests', 'generated_arrays.py'), 'utf8');

let gateway: TestGateway;
let client: Client;
let sessionId: string;

beforeAll(async () => {
  const venv = await pandasEnvironment();
  gateway = await startGateway();
  client = createPlainClient(gateway.http, gateway.token(), 'ndjson');
  sessionId = (await client.createSession({ venv })).id;
  expect((await client.run({ sessionId, code: generator })).error).toBeNull();
}, buildTimeoutMs);
afterAll(() => gateway?.stop());

test.each(Object.entries(exchanges))(
  '%s: arrays of every dtype, shape, byte order and layout are what they were',
  { timeout: 60_000 },
  async (_, createExchange) => {
    const exchange = createExchange(gateway);
    const { value: counted } = await client.run({ sessionId, code: 'count()' });
    const count = Number(counted?.text);
    expect(count).toBeGreaterThan(300);
    let { value } = await exchange.call(sessionId, 'turn', -1);
    for (let number = 0; number < count; number++) {
      expect(value, `array ${number} did not come out`).toBeDefined();
      const answer = await exchange.call(sessionId, 'turn', number, value);
      expect(answer.failure, `array ${number}`).toBeUndefined();
      value = answer.value;
    }
    exchange.close();
  },
);

test.each([
  ['np.array([1, "x", None], object)', /an array of \|O has no exact value/],
  ['np.array(["a", "bc"])', /an array of <U2 has no exact value/],
  ['np.array([b"a"])', /an array of \|S1 has no exact value/],
  ['np.zeros(2, [("a", "f8")])', /has no exact value/],
  ['np.zeros(2, np.longdouble)', /an array of <f16 has no exact value/],
  ['np.zeros(8193)', /larger than 65536 bytes/],
  ['np.broadcast_to(0.0, (10**6, 10**6))', /larger than 65536 bytes/],
  ['[np.zeros(8000)]', /larger than 65536 bytes/],
  ['np.float64(1)', /numpy.float64 has no exact value/],
  ['{"x": [np.int32(1)]}', /result\["x"\]\[0\]: numpy.int32 has no exact value/],
  ['np.ma.array([1], mask=[True])', /MaskedArray has no exact value/],
  ['type("ndarray", (np.ndarray,), {"tobytes": None, "__module__": "numpy"})(2)', /numpy.ndarray has no exact value/],
])('%s is not sent by value, and says why', async (code, why) => {
  const { finished, value, notices } = await run(code);
  expect({ outcome: finished?.outcome, value }).toEqual({ outcome: Outcome.OK, value: undefined });
  expect(notices.map(({ message }) => message)).toEqual([expect.stringMatching(why)]);
});

test.each([
  [{ dtype: '>f8', shape: [1], data: 'AAAAAAAA8D8=' }, /'>f8' is no dtype of a tensor/],
  [{ dtype: '|O', shape: [1], data: 'AAAAAAAA8D8=' }, /no dtype of a tensor/],
  [{ dtype: '<f8', shape: [2], data: 'AAAAAAAA8D8=' }, /it has 8 bytes; dtype and shape want 16/],
  [{ dtype: '<f8', shape: [-1], data: '' }, /lengths, whole numbers from 0 on/],
  [{ dtype: '<f8', shape: Array(65).fill(1), data: 'AAAAAAAA8D8=' }, /65 dimensions; at most 64/],
  [{ dtype: '<f8', shape: [2 ** 40, 2 ** 40], data: '' }, /it has 0 bytes/],
  [{ dtype: '|b1', shape: [1], data: 'Ag==' }, /a bool is one byte, 0 or 1/],
  [{ dtype: '<f8', shape: [1] }, /it must be \{"dtype", "shape", "data"\}/],
  [{ dtype: '<f8', shape: [1], data: '?' }, /no base64/],
])('as an argument, %j is refused by its path, and nothing runs', async (tensor, why) => {
  const call = client.run({ sessionId, function: 'print', args: [{ a: [0, { $tensor: tensor }] }] });
  const refused = (await call.then(
    () => undefined,
    (error) => error,
  )) as CallFailed | undefined;
  expect(refused).toMatchObject({ reason: 'CONVERSION_FAILED', httpStatus: 422 });
  expect(refused?.message).toMatch(/args\[0\]\["a"\]\[1\]/);
  expect(refused?.message).toMatch(why);
});

test('without numpy an array is no argument, and the error says what helps', async () => {
  const tensor = { $tensor: { dtype: '<f8', shape: [1], data: 'AAAAAAAA8D8=' } };
  const { outcome, error } = await client.run({ fresh: true, function: 'print', args: [tensor] });
  expect(outcome).toBe('ERROR');
  expect(error?.message).toMatch(/^args\[0\]: .*numpy cannot be imported here.*install it.*CONVERSION_FAILED/);
});

test('where they are allowed, lossy conversions are made and told', async () => {
  const lenient = [
    ['np.float64(0.1)', 'real', 0.1, ['result: numpy.float64 became float']],
    ['np.bool_(True)', 'boolean', true, [expect.stringMatching(/^result: numpy.bool_? became bool$/)]],
    ['np.uint64(2**64 - 1)', 'bigInteger', '18446744073709551615', ['result: numpy.uint64 became int']],
    ['np.complex64(1j)', 'scalar', { typeName: 'complex', text: '1j' }, ['result: numpy.complex64 became complex']],
    ['np.str_("x")', 'text', 'x', ['result: numpy.str_ became str']],
    ['[1, {"x": np.int8(3)}]', 'json', '[1,{"x":3}]', ['result[1]["x"]: numpy.int8 became int']],
    [
      'np.matrix([[1, 2]], "<i2")',
      'tensor',
      { dtype: '<i2', shape: [1n, 2n] },
      [expect.stringMatching(/became numpy.ndarray$/)],
    ],
    ['np.longdouble(1)', undefined, undefined, [expect.stringMatching(/no exact value, and no near one/)]],
    ['np.datetime64("2026-01-01")', undefined, undefined, [expect.stringMatching(/no exact value, and no near one/)]],
    ['np.timedelta64(1, "s")', undefined, undefined, [expect.stringMatching(/no exact value, and no near one/)]],
  ] as const;
  for (const [code, kind, value, notices] of lenient) {
    const result = await run(code, { lenient: true });
    expect(
      result.notices.map(({ message }) => message),
      code,
    ).toEqual(notices);
    expect(result.value?.kind.case, code).toBe(kind);
    if (typeof value === 'object') expect(result.value?.kind.value, code).toMatchObject(value);
    else expect(result.value?.kind.value, code).toBe(value);
  }
});

test('a scalar of numpy goes as the same number of Python where that alone is allowed', async () => {
  const numpyScalars = { numpyScalars: true };
  for (const [code, kind, value] of [
    ['np.float64(-0.0)', 'real', -0],
    ['np.float32(0.1)', 'real', Math.fround(0.1)],
    ['np.float16("nan")', 'real', Number.NaN],
    ['np.bool_(False)', 'boolean', false],
    ['np.uint64(2**64 - 1)', 'bigInteger', '18446744073709551615'],
    ['np.int64(-2**63)', 'integer', -(2n ** 63n)],
    ['np.bytes_(b"x")', 'binary', Uint8Array.of(120)],
    ['np.str_("x")', 'text', 'x'],
    ['[np.int8(3), (np.complex128(1j),)]', 'json', '[3,{"$tuple":[{"$scalar":["complex","1j"]}]}]'],
  ] as const) {
    const { value: given, notices } = await run(code, numpyScalars);
    expect(given?.kind, code).toEqual({ case: kind, value });
    expect(notices.map(({ message }) => message).join(), code).toMatch(/^result.*: numpy\.\w+ became \w+/);
  }
  const refused = [
    'np.longdouble(1)',
    'np.datetime64("2026-01-01")',
    'np.timedelta64(1, "s")',
    'np.void(b"x")',
    'type("Sub", (np.float64,), {})(1)',
    'type("float64", (float,), {"__module__": "numpy", "item": lambda _: 5})(1)',
    'bytearray(b"x")',
    '[np.int8(3), __import__("collections").OrderedDict()]',
  ];
  for (const code of refused) {
    const { value: given, notices } = await run(code, numpyScalars);
    expect(given, code).toBeUndefined();
    expect(notices.map(({ message }) => message).join(), code).toMatch(/has no exact value$/);
  }
});

async function run(code: string, policy: { lenient?: boolean; numpyScalars?: boolean } = {}): Promise<ExecutionResult> {
  const service = createClient(ExecuteService, createGrpcWebTransport({ baseUrl: gateway.http }));
  const headers = { authorization: `Bearer ${gateway.token()}` };
  return await service.run(
    {
      where: { case: 'sessionId', value: sessionId },
      source: { case: 'code', value: code },
      result: { form: ResultForm.VALUE, ...policy },
    },
    { headers },
  );
}
