/** Arrays and tables of every kind as large data, both ways. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CallFailed, type Client, type ObjectRead } from '../matrix/client.ts';
import { createGrpcClient } from '../matrix/grpc.ts';
import { buildTimeoutMs, pandasEnvironment, scientificEnvironment } from '../support/environments.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { root } from './setup/test-home.ts';

const generator = readFileSync(join(root, 'python', 'tests', 'generated_arrays.py'), 'utf8');
const large = `
import hashlib, json
wide = np.arange(3 * 500 * 401, dtype='<f8').reshape(3, 500, 401)
class Unknown(np.ndarray): pass
LARGE = [
    wide, wide.T, np.asfortranarray(wide), wide[:, ::-3, ::2], wide.astype('>f8'), wide.astype('>c16').T,
    np.broadcast_to(np.arange(1000, dtype='u2'), (2000, 1000)), wide.astype('?')[..., 1:],
    np.arange(10**6).astype('M8[s]')[::-1], np.matrix(wide[0]), (np.arange(3000) * np.arange(3000)[:, None]).T,
]
ALL = [array for array in ALL if type(array) is np.ndarray and array.size < 10**6] + LARGE
def told(array):
    dtype, shape, data = exactly(np.asarray(array))
    return dtype, shape, hashlib.sha256(data).hexdigest()
json.dumps([told(array) for array in ALL])
`;

let gateway: TestGateway;
let client: Client;
let sessionId: string;
let arrowSessionId: string;
beforeAll(async () => {
  const [pandas, scientific] = [await pandasEnvironment(), await scientificEnvironment()];
  gateway = await startGateway();
  client = createGrpcClient(gateway.rpc, gateway.token());
  sessionId = (await client.createSession({ venv: pandas })).id;
  arrowSessionId = (await client.createSession({ venv: scientific })).id;
}, buildTimeoutMs);
afterAll(async () => {
  client?.close();
  await gateway?.stop();
});

test('arrays of every dtype, shape, byte order and layout are what they were, both ways', {
  timeout: 180_000,
}, async () => {
  const told = JSON.parse(JSON.parse(await run(generator + large))) as [string, number[], string][];
  expect(told.length).toBeGreaterThan(300);
  const read = async (number: number) => {
    const [dtype, shape, digest] = told[number] as [string, number[], string];
    const handleId = await client.hold(sessionId, `ALL[${number}]`);
    const object = await client.readObject({ sessionId, handleId });
    const data = await all(object);
    expect([object.dtype, object.shape, digestOf(data)], `array ${number}`).toEqual([dtype, shape, digest]);
    const written = await client.writeObject({ sessionId, dtype, shape, assignTo: `back${number}` }, whole(data));
    expect(written).toMatchObject({ typeName: 'numpy.ndarray', receivedBytes: data.length });
  };
  for (let first = 0; first < told.length; first += 8) {
    await Promise.all(told.slice(first, first + 8).map((_, at) => read(first + at)));
  }
  const wrong = `[n for n in range(len(ALL)) if told(globals()[f'back{n}']) != told(ALL[n])]`;
  expect(await run(wrong)).toBe('[]');
  expect(await run('all(globals()[f"back{n}"].flags.writeable for n in range(len(ALL)))')).toBe('true');
});

test('any part of an array that lies anyhow is the same part of its bytes', { timeout: 60_000 }, async () => {
  const handleId = await client.hold(sessionId, 'wide.T');
  const data = await all(await client.readObject({ sessionId, handleId }));
  for (const [offset, length] of [
    [0, 1],
    [1, 8],
    [1_048_575, 2],
    [12_345, 2_000_001],
    [data.length - 3, 0],
    [24, 24 * 401],
  ] as const) {
    const part = await all(await client.readObject({ sessionId, handleId, offset, length }));
    expect(part.equals(data.subarray(offset, length === 0 ? data.length : offset + length)), `${offset}`).toBe(true);
  }
});

test.each([
  ['np.array([1, "x", None], object)', /an array of \|O has no exact bytes/],
  ['np.array(["a", "bc"])', /an array of <U2 has no exact bytes/],
  ['np.zeros(2, [("a", "f8")])', /an array of \|V8 has no exact bytes/],
  ['np.zeros(2, np.longdouble)', /an array of <f16 has no exact bytes/],
  ['np.ma.array([1], mask=[True])', /MaskedArray is more than its array/],
  ['np.zeros(3).view(Unknown)', /Unknown is more than its array/],
])('%s is not read, and says why', async (expression, why) => {
  const handleId = await client.hold(sessionId, expression);
  const failure = await refusal(client.readObject({ sessionId, handleId }));
  expect(failure.reason).toBe('CONVERSION_FAILED');
  expect(failure.message).toMatch(why);
});

test('asked for as an array, nested lists and columns are one; ragged ones say so', async () => {
  const read = async (expression: string) =>
    client.readObject({ sessionId, handleId: await client.hold(sessionId, expression), form: 'tensor' });
  const list = await read('[[1, 2], [3, 4]]');
  expect([list.dtype, list.shape]).toEqual(['<i8', [2, 2]]);
  expect(new BigInt64Array(bufferOf(await all(list)))).toEqual(new BigInt64Array([1n, 2n, 3n, 4n]));
  const column = await read('__import__("pandas").Series([0.5, None])');
  expect(new Float64Array(bufferOf(await all(column)))).toEqual(new Float64Array([0.5, Number.NaN]));
  expect((await refusal(read('[[1, 2], [3]]'))).message).toMatch(/numpy makes no array of it: .*inhomogeneous/);
  expect((await refusal(read('"text"'))).message).toMatch(/an array of <U4 has no exact bytes/);
});

test.each([
  [{ dtype: '>f8', shape: [1] }, 'CONVERSION_FAILED', /'>f8' is no dtype of a tensor/],
  [{ dtype: '|O', shape: [1] }, 'CONVERSION_FAILED', /no dtype of a tensor/],
  [{ dtype: '<f8', shape: [2], totalBytes: 8 }, 'INVALID_ARGUMENT', /total_bytes is 8; dtype and shape want 16/],
  [{ dtype: '<f8', shape: [2 ** 31, 2 ** 31] }, 'VALUE_TOO_LARGE', /bytes are too many/],
  [{ dtype: '<f8', shape: [2 ** 31, 2 ** 26] }, 'VALUE_TOO_LARGE', /no memory for an array of this size/],
  [{ dtype: '<f8', shape: [2] }, 'INVALID_ARGUMENT', /the data ended after 8 bytes of 16/],
  [{ totalBytes: 4 }, 'INVALID_ARGUMENT', /more data than announced: 4 bytes too many/],
  [{ dtype: '|b1', shape: [8] }, 'CONVERSION_FAILED', /a bool is one byte, 0 or 1/],
])('%j is not written, and says why', async (what, reason, why) => {
  const data = Buffer.alloc(8, 2);
  const failure = await refusal(client.writeObject({ sessionId, ...what, assignTo: 'wrong' }, whole(data)));
  expect(failure.reason).toBe(reason);
  expect(failure.message).toMatch(why);
  expect(await run('"wrong" in globals()')).toBe('false');
});

test('tables are Arrow where pyarrow is, and columns of JSON where it is not', { timeout: 60_000 }, async () => {
  const frame = `
import pandas as pd
frame = pd.DataFrame({'n': [1, 2, 3], 'x': [0.5, float('nan'), -0.0], 's': ['a', None, 'ü'],
                      't': pd.to_datetime(['2026-01-01', None, '2026-01-02'])})
i = pd.array([1, None, 2**60], dtype='Int64')
frame['i'] = i
`;
  for (const id of [sessionId, arrowSessionId]) await run(frame, id);
  const arrow = await client.readObject({
    sessionId: arrowSessionId,
    handleId: await client.hold(arrowSessionId, 'frame'),
  });
  const what = { sessionId: arrowSessionId, assignTo: 'stream' };
  await client.writeObject(what, whole(await all(arrow)));
  const same = 'import pyarrow as pa; pa.ipc.open_stream(stream).read_all().equals(pa.Table.from_pandas(frame))';
  expect(await run(same, arrowSessionId)).toBe('true');

  const handleId = await client.hold(sessionId, 'frame');
  const columns = String(await all(await client.readObject({ sessionId, handleId })));
  expect(JSON.parse(columns)).toMatchObject({
    n: [1, 2, 3],
    x: [0.5, { $float: 'nan' }, -0],
    s: ['a', null, 'ü'],
    t: { $tensor: { dtype: '<M8[ns]', shape: [3] } },
  });
  expect(columns).toContain('{"$int":"1152921504606846976"}');
  const missing = await refusal(client.readObject({ sessionId, handleId, form: 'arrow' }));
  expect(missing.message).toMatch(/pyarrow, which cannot be imported here.*or ask for JSON_COLUMNS/);
  const unsaid = await client.hold(sessionId, 'pd.DataFrame({"x": [object()]})');
  expect((await refusal(client.readObject({ sessionId, handleId: unsaid }))).message).toMatch(
    /table\["x"\]\[0\]: object/,
  );
});

async function run(code: string, id = sessionId): Promise<string> {
  const { value, error } = await client.run({ sessionId: id, code });
  expect(error).toBeNull();
  return value?.text ?? '';
}

async function refusal(call: Promise<unknown>): Promise<CallFailed> {
  const failure = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(CallFailed);
  return failure as CallFailed;
}

async function all({ chunks }: ObjectRead): Promise<Buffer> {
  const taken: Uint8Array[] = [];
  for await (const chunk of chunks) taken.push(chunk);
  return Buffer.concat(taken);
}

async function* whole(data: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < data.length; at += 1 << 20) yield data.subarray(at, at + (1 << 20));
}

function digestOf(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function bufferOf(data: Buffer): ArrayBuffer {
  return data.buffer.slice(data.byteOffset, data.byteOffset + data.length) as ArrayBuffer;
}
