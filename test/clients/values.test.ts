/** Values there and back: what Python had is what it gets again. */
import { expect } from 'vitest';
import { NdArray, type Scalar, type Session } from '../../src/client/node.ts';
import { scientificEnvironment } from '../support/environments.ts';
import { testOverTransports } from './over-transports.ts';
import { tripsOf } from './trips.ts';

/** Says in Python whether a value is what an expression makes, in type, sign and bits. */
const same = `
import datetime, decimal, math, pathlib, uuid, zoneinfo
def same(a, b):
    if type(a) is not type(b): return False
    if isinstance(a, float): return math.copysign(1, a) == math.copysign(1, b) and (a == b or a != a and b != b)
    if isinstance(a, (list, tuple)): return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict): return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    return a == b and repr(a) == repr(b)
def is_same(expression, value): return same(eval(expression), value)
`;

async function thereAndBack(session: Session, expressions: readonly string[]): Promise<unknown[]> {
  const values = [];
  for (const expression of expressions) {
    const { value } = await session.run(expression);
    expect(await session.get('is_same')(expression, value), expression).toBe(true);
    values.push(value);
  }
  return values;
}

testOverTransports({
  'every plain value is exact both ways': async ({ python }) => {
    await using session = await python.createSession();
    await session.run(same);
    const values = await thereAndBack(session, [
      'None',
      'True',
      '42',
      '-7',
      '2.5',
      '"text \\u20ac \\U0001F600"',
      '"\\ud800"',
      '[]',
      '[1, [2.5, None]]',
      '{"x": {"y": []}, "a": 1}',
      '{"10": 1, "9": 2, "b": 3}',
      '{"$ref": 1}',
      '{"__proto__": {"x": 1}}',
    ]);
    expect(values.slice(0, 6)).toEqual([null, true, 42, -7, 2.5, 'text € 😀']);
    expect(values[9]).toEqual({ x: { y: [] }, a: 1 });
    expect(values[10]).toEqual(
      new Map([
        ['10', 1],
        ['9', 2],
        ['b', 3],
      ]),
    );
  },

  'integers beyond 2^53, NaN, the infinities and negative zero are exact both ways': async ({ python }) => {
    await using session = await python.createSession();
    await session.run(same);
    const values = await thereAndBack(session, [
      '2**53',
      '2**53 + 1',
      '-2**63',
      '2**64',
      '-10**400',
      '[2**53 + 1, 10**30]',
      'float("nan")',
      'float("inf")',
      '-float("inf")',
      '-0.0',
      '[-0.0, float("nan")]',
      '1e300',
      '2.0**70',
    ]);
    expect(values.slice(0, 4)).toEqual([2 ** 53, 2n ** 53n + 1n, -(2n ** 63n), 2n ** 64n]);
    expect(Object.is(values[9], -0)).toBe(true);
  },

  'bytes, tuples, sets, frozensets and dicts with any key are exact both ways': async ({ python }) => {
    await using session = await python.createSession();
    await session.run(same);
    const values = await thereAndBack(session, [
      'b"\\x00\\xff"',
      '[b"x"]',
      '(1, (2,), ())',
      '{1, 2}',
      'frozenset([3])',
      '{1: "a", (2, 3): b"", None: 1}',
      '[{"$dict": 1}, {"$tuple": [1]}]',
    ]);
    expect(values.slice(0, 5)).toStrictEqual([
      Uint8Array.of(0, 255),
      [Uint8Array.of(120)],
      expect.any(Array),
      new Set([1, 2]),
      expect.any(Set),
    ]);
  },

  'dates, decimals, UUIDs, paths, ranges and complex numbers keep their text': async ({ python }) => {
    await using session = await python.createSession();
    await session.run(same);
    const values = await thereAndBack(session, [
      'datetime.datetime(2026, 10, 25, 2, 30, 0, 123456, zoneinfo.ZoneInfo("Europe/Berlin"), fold=1)',
      'datetime.date(2026, 1, 1)',
      'datetime.time(1, 2, 3)',
      'datetime.timedelta(days=-1, microseconds=1)',
      'decimal.Decimal("1.10")',
      'uuid.UUID(int=1)',
      'pathlib.PurePosixPath("/x")',
      'range(0, 10, 2)',
      '1-2j',
      '...',
    ]);
    expect((values[0] as Scalar).toDate().toISOString()).toBe('2026-10-25T01:30:00.123Z');
    expect(String(values[4])).toBe('1.10');
    const now = new Date(1767225600123);
    expect(await session.get('repr')(now)).toContain('2026, 1, 1, 0, 0, 0, 123000, tzinfo=datetime.timezone.utc');
  },

  'arrays of every dtype keep dtype, shape and every bit': async ({ python }) => {
    await using session = await python.createSession({ venv: await scientificEnvironment(), preload: ['numpy'] });
    const np = session.import('numpy');
    await session.run('import numpy\ndef back(value): return value.dtype.str, value.shape, value.tobytes()');
    const dtypes = [
      '|b1',
      '|i1',
      '|u1',
      '<i2',
      '<u2',
      '<i4',
      '<u4',
      '<i8',
      '<u8',
      '<f2',
      '<f4',
      '<f8',
      '<c8',
      '<c16',
      '<M8[ns]',
      '<m8[s]',
    ];
    for (const dtype of dtypes) {
      const value = await session.evaluate('numpy.arange(6).reshape(2, 3).astype(dtype).T', { dtype });
      expect([value.dtype, value.shape], dtype).toEqual([dtype, [3, 2]]);
      expect(value).toBeInstanceOf(NdArray);
      const [there, shape, bytes] = await session.get('back')(value);
      expect([there, shape, bytes], dtype).toEqual([dtype, [3, 2], value.bytes]);
    }
    expect((await np.array([1, 2, 3])).data).toEqual(BigInt64Array.of(1n, 2n, 3n));
    expect((await np.dot(Float64Array.of(1, 2), Float64Array.of(3, 4)).item()) as number).toBe(11);
    expect((await np.zeros([2, 0])).shape).toEqual([2, 0]);
    const inside = await session.get('list')([Float32Array.of(1.5), [Int8Array.of(-1)]]);
    expect(inside[0]).toEqual(new NdArray('<f4', [1], Float32Array.of(1.5)));
  },

  'a scalar of numpy comes as the number that it is, in one trip': async (stage) => {
    await using session = await stage.python.createSession({ venv: await scientificEnvironment(), preload: ['numpy'] });
    const np = session.import('numpy');
    const trips = await tripsOf(stage, async () => {
      expect(await np.array([1, 2, 3]).mean()).toBe(2);
    });
    expect(trips).toBe(1);
    expect(await np.uint64(2n ** 64n - 1n)).toBe(2n ** 64n - 1n);
    expect(await np.float32(0.1)).toBe(Math.fround(0.1));
    expect(await session.evaluate('1 < __import__("numpy").int8(2)')).toBe(true);
    expect(await session.all([np.int8(1), np.str_('x')])).toEqual([1, 'x']);
    expect((await session.run('import numpy\nnumpy.arange(3).max()')).value).toBe(2);
    const items = [];
    for await (const item of np.arange(3)) items.push(item);
    expect(items).toEqual([0, 1, 2]);

    // What became of which type is told; a program that needs the type itself keeps the object.
    const notes: string[] = [];
    expect(
      await np
        .arange(2)
        .max()
        .$value({ onNote: (note: string) => notes.push(note) }),
    ).toBe(1);
    expect(notes).toEqual(['result: numpy.int64 became int']);
    const { notices } = await session.run('[numpy.float64(1.5)]');
    expect(notices).toEqual(['result[0]: numpy.float64 became float']);
    const exact = np.int8(5).$value({ numpyScalars: false });
    await expect(exact).rejects.toMatchObject({ reason: 'CONVERSION_FAILED' });
    const held = await session.run('numpy.int8(5)', { result: { numpyScalars: false } });
    expect(held.value.$facts.typeName).toBe('numpy.int8');
    expect((await np.int8(5).$handle()).$facts.typeName).toBe('numpy.int8');
    expect((await np.datetime64('2026-01-01')).$facts.typeName).toBe('numpy.datetime64');
    expect((await np.longdouble(1)).$facts.typeName).toBe('numpy.longdouble');
  },
});
