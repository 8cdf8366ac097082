import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isOneValue, jsonPieces, memberText } from '../../src/json-pieces.ts';

test.each([
  ['[]', []],
  [' [ ] ', []],
  ['{}', []],
  ['[1.0,[2,3],"],"]', ['1.0', '[2,3]', '"],"']],
  ['{"a":1e2, "b\\"" : {"c":[":"]} ,"":null}', ['1e2', '{"c":[":"]}', 'null']],
])('the parts of %s', (text, parts) => {
  expect(jsonPieces(text).map((piece) => piece.text)).toEqual(parts);
});

test('the last of several members with the same key counts', () => {
  expect(memberText('{"a":1,"b":2,"a":3}', 'a')).toBe('3');
  expect(memberText('{"b":{"a":1}}', 'a')).toBeUndefined();
});

test('parts of any JSON are the JSON of its parts', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1), (value, indent) => {
      if (typeof value !== 'object' || value === null) return;
      const pieces = jsonPieces(JSON.stringify(value, undefined, indent));
      const parsed = pieces.map(({ key, text }) => [key, JSON.parse(text)]);
      expect(parsed).toEqual(Object.entries(JSON.parse(JSON.stringify(value))));
    }),
  );
});

test('any JSON on one line is one value', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => isOneValue(JSON.stringify(value))));
  for (const text of ['-0.0', '1e22', '{"$int":"9007199254740993"}', '["\\"]", {}]'])
    expect(isOneValue(text)).toBe(true);
});

test.each([
  '',
  '1,"outcome":"OK"',
  '1}',
  '{}}',
  '[1],2',
  '"a","b"',
  '"a',
  '"a\\"',
  '[1',
  '{"a":"}',
  '{}\n{}',
  '[1,\n2]',
  ' 1',
  ']',
])('%j can stand in no answer', (text) => {
  expect(isOneValue(text)).toBe(false);
});
