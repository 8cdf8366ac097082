/** Values of JavaScript as Python's, and back, without a gateway. */

import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BeepError, Float, FrozenSet, float, NdArray, Scalar, scalar, Tuple, tuple } from '../../../src/client/node.ts';
import { decodeValue } from '../../../src/client/values/decode.ts';
import { encode } from '../../../src/client/values/encode.ts';
import { parse } from '../../../src/client/values/json.ts';
import { PythonValueSchema } from '../../../src/gen/es/beep/python/v1/value_pb.ts';

const noObjects = () => expect.unreachable();
const noLive = (): undefined => undefined;

function kindOf(value: unknown) {
  const encoded = encode(value, 'value', noLive);
  if (encoded.is !== 'value') throw new Error(`${encoded.is} is no value`);
  return encoded.kind;
}

/** The JSON text of a value inside of a list. */
function jsonOf(value: unknown): string {
  return String(kindOf([value]).value).slice(1, -1);
}

const thereAndBack = (value: unknown) => decodeValue(create(PythonValueSchema, { kind: kindOf(value) }), noObjects);

describe('as JSON text', () => {
  test.each([
    [null, 'null'],
    [true, 'true'],
    [42, '42'],
    [-0, '-0.0'],
    [2.5, '2.5'],
    [float(2), '2.0'],
    [float(1e22), '1e+22'],
    [2 ** 53, '9007199254740992'],
    [2 ** 60, '1152921504606847000.0'],
    [1e21, '1e+21'],
    [9007199254740993n, '{"$int":"9007199254740993"}'],
    [-(2n ** 70n), '{"$int":"-1180591620717411303424"}'],
    [7n, '7'],
    [Number.NaN, '{"$float":"nan"}'],
    [Number.NEGATIVE_INFINITY, '{"$float":"-inf"}'],
    ['text "quoted"', '"text \\"quoted\\""'],
    ['\ud800x', '{"$str":"7aCAeA=="}'],
    [Uint8Array.of(0, 255), '{"$bytes":"AP8="}'],
    [new ArrayBuffer(1), '{"$bytes":"AA=="}'],
    [tuple(1, 'a'), '{"$tuple":[1,"a"]}'],
    [tuple(3), '{"$tuple":[3]}'],
    [new Set([1]), '{"$set":[1]}'],
    [new FrozenSet([1]), '{"$frozenset":[1]}'],
    [{ a: 1, b: [null] }, '{"a":1,"b":[null]}'],
    [new Map([['a', 1]]), '{"a":1}'],
    [new Map([[1, 'a']]), '{"$dict":[[1,"a"]]}'],
    [{ $ref: 'mine' }, '{"$dict":[["$ref","mine"]]}'],
    [{ $result: 0, x: 1 }, '{"$dict":[["$result",0],["x",1]]}'],
    [{ '\ud800': 1 }, '{"$dict":[[{"$str":"7aCA"},1]]}'],
    [Object.create(null), '{}'],
    [scalar('decimal.Decimal', '1.10'), '{"$scalar":["decimal.Decimal","1.10"]}'],
    [new Date(0), '{"$scalar":["datetime.datetime","1970-01-01T00:00:00.000+00:00"]}'],
    [Float32Array.of(1), '{"$tensor":{"dtype":"<f4","shape":[1],"data":"AACAPw=="}}'],
    [JSON.parse('{"__proto__": 1}'), '{"__proto__":1}'],
  ] as [unknown, string][])('%o is %s', (value, text) => {
    expect(jsonOf(value)).toBe(text);
  });
});

test.each([
  [null, 'none'],
  [false, 'boolean'],
  [1, 'integer'],
  [1.5, 'real'],
  [float(1), 'real'],
  [-0, 'real'],
  [2n ** 63n - 1n, 'integer'],
  [2n ** 63n, 'bigInteger'],
  ['', 'text'],
  ['\udc00', 'json'],
  [Uint8Array.of(1), 'binary'],
  [[], 'json'],
  [new Date(0), 'scalar'],
  [new NdArray('|u1', [2, 1], Uint8Array.of(1, 2)), 'tensor'],
])('%o is a message of kind %s', (value, kind) => {
  expect(kindOf(value).case).toBe(kind);
});

describe('what has no exact form is refused with its path', () => {
  class Point {
    x = 1;
  }
  const circle: unknown[] = [];
  circle.push(circle);
  test.each([
    [undefined, 'value', 'undefined has no value'],
    [{ a: [1, undefined] }, 'value["a"][1]', 'undefined has no value'],
    [[Symbol('s')], 'value[0]', 'symbol has no value'],
    [new Map([[{}, new Point()]]), 'value[0][1]', 'an instance of Point'],
    [[() => 1], 'value[0]', 'a function cannot be called from Python'],
    [[new Date(Number.NaN)], 'value[0]', 'Invalid time value'],
    [new Date(8.64e15), 'value', "the year is beyond Python's"],
    [[/x/], 'value[0]', 'an instance of RegExp'],
    [new WeakMap(), 'value', 'an instance of WeakMap'],
  ])('%o', (value, path, why) => {
    const refused = () => encode(value, 'value', noLive);
    expect(refused).toThrow(BeepError);
    expect(refused).toThrow(why);
    expect(() => refused()).toThrow(expect.objectContaining({ reason: 'CONVERSION_FAILED', metadata: { path } }));
  });

  test('what contains itself', () => {
    expect(() => encode(circle, 'value', noLive)).toThrow('nested deeper than 200 levels');
  });
});

test('any value of the plain kinds is there and back what it was', () => {
  const key = fc.string({ unit: 'binary' }).filter((text) => !/^\d+$/.test(text));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      tie('leaf'),
      tie('list'),
      tie('tuple'),
      tie('dict'),
      tie('map'),
      tie('set'),
    ),
    leaf: fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.double(),
      fc.bigInt().filter((n) => n > 2n ** 53n || n < -(2n ** 53n)),
      fc.string({ unit: 'binary' }),
      fc.uint8Array(),
    ),
    list: fc.array(tie('value'), { maxLength: 4 }),
    tuple: fc.array(tie('value'), { maxLength: 4 }).map((items) => tuple(...items)),
    dict: fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    map: fc
      .array(fc.tuple(fc.integer(), tie('value')), { minLength: 1, maxLength: 4 })
      .map((entries) => new Map(entries)),
    set: fc.array(tie('leaf'), { maxLength: 4 }).map((items) => new Set(items)),
  }));
  fc.assert(
    fc.property(value, (value) => {
      expect(thereAndBack(value)).toStrictEqual(value);
    }),
    { numRuns: 200 },
  );
});

test('a dict whose keys JavaScript would move is a Map, in its order', () => {
  const order = (value: unknown) => [...(value as Map<string, unknown>).keys()];
  expect(order(parse('{"b":1,"10":2,"9":3,"a":{"x":1}}', noObjects))).toEqual(['b', '10', '9', 'a']);
  const nested = parse('[{"x":{"2":{"$tuple":[{"1":0,"0":1}]}}},{"y":"\\"3\\":{"}]', noObjects) as never[];
  expect(nested).toEqual([
    {
      x: new Map([
        [
          '2',
          Tuple.of(
            new Map([
              ['1', 0],
              ['0', 1],
            ]),
          ),
        ],
      ]),
    },
    { y: '"3":{' },
  ]);
  expect(order(((nested[0] as never)['x'] as Map<string, never[]>).get('2')?.[0])).toEqual(['1', '0']);
  const tensor = '{"1":{"$tensor":{"dtype":"|u1","shape":[1],"data":"Bw=="}},"0":{"k":1}}';
  expect(parse(tensor, noObjects)).toEqual(
    new Map<string, unknown>([
      ['1', new NdArray('|u1', [1], Uint8Array.of(7))],
      ['0', { k: 1 }],
    ]),
  );
  expect(parse('{"$dict":[["1",{"a":1}]]}', noObjects)).toEqual(new Map([['1', { a: 1 }]]));
  expect(Object.keys(parse('{"__proto__":{"a":1}}', noObjects) as object)).toEqual(['__proto__']);
});

describe('arrays', () => {
  test('are views of the bytes that came, without a copy where they are aligned', () => {
    const bytes = new Uint8Array(new Float64Array([1, 2]).buffer);
    const tensor = (data: Uint8Array<ArrayBuffer>) =>
      decodeValue(
        create(PythonValueSchema, { kind: { case: 'tensor', value: { dtype: '<f8', shape: [2n, 1n], data } } }),
        noObjects,
      ) as NdArray;
    expect(tensor(bytes).data.buffer).toBe(bytes.buffer);
    const shifted = new Uint8Array(17);
    shifted.set(bytes, 1);
    expect(tensor(shifted.subarray(1))).toEqual(new NdArray('<f8', [2, 1], Float64Array.of(1, 2)));
  });

  test.each([
    ['<f8', [3], Float64Array.of(1, 2)],
    ['<f8', [2], Float32Array.of(1, 2)],
    ['<c8', [2], Float32Array.of(1, 2)],
    ['<U5', [1], Uint8Array.of(1)],
  ] as const)('of %s with shape %j refuse %o', (dtype, shape, data) => {
    expect(() => new NdArray(dtype, shape, data)).toThrow(TypeError);
  });
});

test('a datetime with an offset names an instant, to the millisecond; others do not', () => {
  const at = (text: string) => scalar('datetime.datetime', text).toDate().toISOString();
  expect(at('2026-01-01T00:00:00.123456+01:00[Europe/Berlin]')).toBe('2025-12-31T23:00:00.123Z');
  expect(at('2026-01-01T00:00:00+00:00')).toBe('2026-01-01T00:00:00.000Z');
  expect(() => at('2026-01-01T00:00:00')).toThrow('names no instant');
  expect(() => new Scalar('datetime.date', '2026-01-01').toDate()).toThrow(TypeError);
  expect(`${scalar('uuid.UUID', 'x')} ${float(2)} ${new Float(1).value}`).toBe('x 2 1');
});
