import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guardDepth, guardJson } from '../../../src/transports/json-guard.ts';
import { rawJson, writeJson } from '../../../src/transports/rest/json.ts';
import { notJson } from '../../../src/transports/rest/json-error.ts';

const guard = (text: string) => guardJson(Buffer.from(text));

describe('a number that would be rounded', () => {
  test.each([
    '9007199254740993',
    '[-9007199254740993]',
    '{"a":{"b":12345678901234567890}}',
    '9007199254740993 ',
    '"x" 9007199254740993',
    '{"real":9007199254740993}',
    '{"integer":4612274374529903000}',
    '{"x\\"real":4612274374529903000}',
  ])('%s is refused', (text) => {
    expect(() => guard(text)).toThrow(/beyond 2\^53.*as a string/);
  });

  test.each([
    '9007199254740992',
    '-9007199254740992',
    '0',
    '123456789012345',
    '0.12345678901234567890',
    '1e300',
    '12345678901234567890.5',
    '"9007199254740993"',
    '"\\"9007199254740993"',
    '"\\\\\\"9007199254740993"',
    '{"9007199254740993":1}',
    '{"real":4612274374529903000}',
    '{"real" : -100000000000000000000}',
    '',
  ])('%s is taken', (text) => {
    expect(() => guard(text)).not.toThrow();
  });

  test('every integer that JavaScript keeps is taken, every other is refused', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (value) => {
        const isBeyond = value > 2n ** 53n || value < -(2n ** 53n);
        if (isBeyond) expect(() => guard(`[${value}]`)).toThrow();
        else expect(() => guard(`[${value}]`)).not.toThrow();
      }),
    );
  });

  test('no JSON without such numbers is refused', () => {
    const isKept = (text: string) => !/\d{16}/.test(text);
    fc.assert(fc.property(fc.json({ maxDepth: 20 }).filter(isKept), guard));
  });
});

test('nesting has an end', () => {
  expect(() => guard('['.repeat(100))).not.toThrow();
  expect(() => guard('[{'.repeat(51))).toThrow(/nested too deeply/);
  expect(() => guardDepth(Buffer.from('['.repeat(700)))).not.toThrow();
  expect(() => guardDepth(Buffer.from('[{'.repeat(351)))).toThrow(/nested too deeply/);
  expect(() => guardDepth(Buffer.from(`"${'['.repeat(1000)}"`))).not.toThrow();
});

describe('writing', () => {
  test('raw pieces stay as they are', () => {
    expect(writeJson({ result: rawJson('{"x": 2.0, "n": 12345678901234567890}'), list: [rawJson('-0.0'), 1] })).toBe(
      '{"result":{"x": 2.0, "n": 12345678901234567890},"list":[-0.0,1]}',
    );
  });

  test('bigints are numbers, what is undefined is left out, what is no text becomes text', () => {
    expect(writeJson({ a: 10n, b: undefined, c: null, d: [undefined], e: '\ud800' })).toBe(
      '{"a":10,"c":null,"d":[null],"e":"\ufffd"}',
    );
  });

  test('without raw pieces it writes what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(writeJson(value)).toBe(JSON.stringify(value));
      }),
    );
  });
});

test.each([
  ['{', 'line 1, column 2'],
  ['{"a":1,}', 'line 1, column 8'],
  ['[1,\n2,,3]', 'line 2, column 3'],
  ['{"a": tru}', 'line 1, column 10'],
  ['hello', 'line 1, column 1'],
  ['1 2', 'line 1, column 3'],
  ['"abc', 'line 1, column 5'],
])('the place of the error in %j is %s', (text, where) => {
  let thrown: unknown;
  try {
    JSON.parse(text);
  } catch (error) {
    thrown = error;
  }
  expect(notJson(text, thrown).message).toContain(where);
});
