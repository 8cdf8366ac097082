/** Large data, by the client: in chunks, both ways, over connections that break. */
import { createHash } from 'node:crypto';
import { tableFromIPC } from 'apache-arrow';
import { expect } from 'vitest';
import { NdArray } from '../../src/client/node.ts';
import { createCutter } from '../hostile/cutter.ts';
import { createNumbers } from '../hostile/numbers.ts';
import { scientificEnvironment } from '../support/environments.ts';
import { testOverTransports } from './over-transports.ts';

const mebibyte = 1024 * 1024;
const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const randomBytes = (length: number) => {
  const next = createNumbers(length);
  return Uint8Array.from({ length }, () => next(256));
};

testOverTransports({
  'an array of any dtype and order is read in chunks, and is what it was': async ({ python }) => {
    await using session = await python.createSession({ venv: await scientificEnvironment(), preload: ['pandas'] });
    await session.run('import numpy as np\nbase = np.arange(600_000)');
    for (const [expression, dtype, shape] of [
      ['base.astype("<f8").reshape(600, 1000)', '<f8', [600, 1000]],
      ['base.astype("<i4").reshape(600, 1000).T', '<i4', [1000, 600]],
      ['base.astype(">i2")[::-2]', '<i2', [300_000]],
      ['base.astype("<c16").reshape(10, -1, 2)', '<c16', [10, 30_000, 2]],
      ['base.astype("<M8[ns]")', '<M8[ns]', [600_000]],
      ['base[:0]', '<i8', [0]],
    ] as const) {
      const array = await session.evaluate(expression).$readArray();
      expect([array.dtype, array.shape], expression).toEqual([dtype, shape]);
      const digest = `__import__("hashlib").sha256((${expression}).astype("${dtype}").tobytes()).hexdigest()`;
      expect(digestOf(array.bytes), expression).toBe(await session.evaluate(digest));
    }
    const told: number[] = [];
    const held = await session.evaluate('base.astype("<f4")').$handle();
    const { data } = await held.$readArray({ onProgress: ({ doneBytes }) => told.push(doneBytes) });
    expect(data.at(-1)).toBe(599_999);
    expect(told.at(-1)).toBe(2_400_000);
    expect(await held.sum()).toBeGreaterThan(0);
    await expect(session.evaluate('np.array([object()])').$readArray()).rejects.toMatchObject({
      reason: 'CONVERSION_FAILED',
    });
  },

  'an array is written in chunks, and is what it was': async ({ python }) => {
    await using session = await python.createSession({ venv: await scientificEnvironment(), preload: ['pandas'] });
    const array = new NdArray(
      '<f8',
      [300, 1000],
      Float64Array.from({ length: 300_000 }, (_, index) => index / 7),
    );
    const told: number[] = [];
    await using written = await session.write(array, {
      assignTo: 'table',
      onProgress: ({ doneBytes }) => told.push(doneBytes),
    });
    expect(written.$facts).toMatchObject({ typeName: 'numpy.ndarray', shape: [300, 1000] });
    expect(told.at(-1)).toBe(2_400_000);
    expect(await session.get('table').shape).toEqual([300, 1000]);
    expect(await session.evaluate('__import__("hashlib").sha256(table.tobytes()).hexdigest()')).toBe(
      digestOf(array.bytes),
    );
    expect((await session.write(Int16Array.of(-1, 2))).$facts).toMatchObject({ shape: [2] });
    const nothing = await session.write(new Uint8Array());
    expect(await nothing.$value()).toEqual(new Uint8Array());
  },

  'a data frame comes as Arrow, and as columns': async ({ python }) => {
    await using session = await python.createSession({ venv: await scientificEnvironment(), preload: ['pandas'] });
    const pd = session.import('pandas');
    await using frame = await pd.DataFrame({ n: [1, 2, 3], name: ['a', 'b', 'ü'] }).$handle();
    const table = tableFromIPC(await frame.$readArrow());
    expect(table.numRows).toBe(3);
    expect(table.toArray().map((row) => String(row.name))).toEqual(['a', 'b', 'ü']);
    expect(await frame.$readColumns()).toEqual({ n: [1, 2, 3], name: ['a', 'b', 'ü'] });
  },

  'bytes go both ways over connections that are cut, also into the default session': async (stage) => {
    const { gateway, connect } = stage;
    const next = createNumbers(7);
    const target = stage.python.address;
    // Each connection is cut after up to two mebibytes of what the gateway sends; what is sent there is not counted.
    const cuts = (bound: number) => (bound === 4 ? 1 : bound === 8192 ? 2000 + next(2 * mebibyte) : next(bound));
    await using cutter = await createCutter(target, cuts);
    await using python = await connect({ address: cutter.url, token: gateway.token() });
    const data = randomBytes(9 * mebibyte + 5);
    await python.defaultSession.write(data, { assignTo: 'sent' });
    expect(await python.defaultSession.evaluate('__import__("hashlib").sha256(sent).hexdigest()').then()).toBe(
      digestOf(data),
    );
    const back = await python.defaultSession.get('sent').$readBytes();
    expect(digestOf(back)).toBe(digestOf(data));
    expect(cutter.cuts).toBeGreaterThan(3);
  },

  'a cancelled transfer ends': async ({ python }) => {
    await using session = await python.createSession();
    await session.run('data = bytes(32 << 20)');
    const leave = new AbortController();
    const reason = new Error('no longer wanted');
    const read = session.get('data').$readBytes({ signal: leave.signal, onProgress: () => leave.abort(reason) });
    await expect(read).rejects.toBe(reason);
    expect((await session.run('len(data)')).value).toBe(32 * mebibyte);
    await expect(session.write(new Uint8Array(5), { signal: leave.signal })).rejects.toBe(reason);
  },
});
