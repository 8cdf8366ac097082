/** Scenarios: what a last expression comes back as. */
import { expect } from 'vitest';
import { collect, expectWellFormed, only } from './follow.ts';
import type { Scenarios } from './stage.ts';
import type { TransportName } from './transports.ts';

/** An expression, the kind of its value, and its text in the form of `json` values. */
const plainValues: readonly (readonly [expression: string, kind: string, text: string])[] = [
  ['None', 'none', 'null'],
  ['True', 'boolean', 'true'],
  ['1 == 2', 'boolean', 'false'],
  ['0', 'integer', '0'],
  ['-1', 'integer', '-1'],
  ['2**53', 'integer', '9007199254740992'],
  ['2**53 + 1', 'integer', '{"$int":"9007199254740993"}'],
  ['-2**53 - 1', 'integer', '{"$int":"-9007199254740993"}'],
  ['2**63 - 1', 'integer', '{"$int":"9223372036854775807"}'],
  ['-2**63', 'integer', '{"$int":"-9223372036854775808"}'],
  ['2**63', 'bigInteger', '{"$int":"9223372036854775808"}'],
  ['-10**40', 'bigInteger', `{"$int":"-1${'0'.repeat(40)}"}`],
  ['10**5000', 'bigInteger', `{"$int":"1${'0'.repeat(5000)}"}`],
  ['2.0', 'real', '2.0'],
  ['0.1', 'real', '0.1'],
  ['-0.0', 'real', '-0.0'],
  ['5e-324', 'real', '5e-324'],
  ['1.7976931348623157e308', 'real', '1.7976931348623157e+308'],
  ['float("nan")', 'real', '{"$float":"nan"}'],
  ['float("inf")', 'real', '{"$float":"inf"}'],
  ['-float("inf")', 'real', '{"$float":"-inf"}'],
  ['""', 'text', '""'],
  ['"a\\0b"', 'text', '"a\\u0000b"'],
  ['"\\u65e5\\u672c \\U0001f40d \\" \\\\ \\n"', 'text', '"日本 🐍 \\" \\\\ \\n"'],
  ['"\\ud800"', 'json', '{"$str":"7aCA"}'],
  ['b""', 'binary', '{"$bytes":""}'],
  ['bytes(range(0, 256, 51))', 'binary', '{"$bytes":"ADNmmcz/"}'],
  ['[]', 'json', '[]'],
  ['[1, 2.0, -0.0, None, True, "x", [[]]]', 'json', '[1,2.0,-0.0,null,true,"x",[[]]]'],
  [
    '[2**53, 2**53 + 1, 2**64]',
    'json',
    '[9007199254740992,{"$int":"9007199254740993"},{"$int":"18446744073709551616"}]',
  ],
  ['[float("nan"), b"x", "\\udfff"]', 'json', '[{"$float":"nan"},{"$bytes":"eA=="},{"$str":"7b+/"}]'],
  ['()', 'json', '{"$tuple":[]}'],
  ['(1, (2,), [3])', 'json', '{"$tuple":[1,{"$tuple":[2]},[3]]}'],
  ['{7}', 'json', '{"$set":[7]}'],
  ['frozenset()', 'json', '{"$frozenset":[]}'],
  ['{}', 'json', '{}'],
  ['{"b": {"a": 1}, "": 2}', 'json', '{"b":{"a":1},"":2}'],
  ['{1: 2, (3, 4): {5: None}}', 'json', '{"$dict":[[1,2],[{"$tuple":[3,4]},{"$dict":[[5,null]]}]]}'],
  ['{"$tuple": [1]}', 'json', '{"$dict":[["$tuple",[1]]]}'],
  ['complex(1, -2)', 'scalar', '{"$scalar":["complex","(1-2j)"]}'],
  ['range(0, 10, 2)', 'scalar', '{"$scalar":["range","range(0, 10, 2)"]}'],
  ['slice(1, None)', 'scalar', '{"$scalar":["slice","slice(1, None, None)"]}'],
  ['decimal.Decimal("1.50")', 'scalar', '{"$scalar":["decimal.Decimal","1.50"]}'],
  ['uuid.UUID(int=1)', 'scalar', '{"$scalar":["uuid.UUID","00000000-0000-0000-0000-000000000001"]}'],
  ['datetime.date(2026, 2, 3)', 'scalar', '{"$scalar":["datetime.date","2026-02-03"]}'],
  [
    'datetime.datetime(2026, 1, 1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))',
    'scalar',
    '{"$scalar":["datetime.datetime","2026-01-01T00:00:00+01:00[Europe/Berlin]"]}',
  ],
  ['datetime.timedelta(days=1, microseconds=2500001)', 'scalar', '{"$scalar":["datetime.timedelta","P1DT2.500001S"]}'],
  ['datetime.timedelta(days=-1)', 'scalar', '{"$scalar":["datetime.timedelta","-P1DT0S"]}'],
  ['[datetime.date(2026, 2, 3)]', 'json', '[{"$scalar":["datetime.date","2026-02-03"]}]'],
];

/** An expression whose value stays in Python, what its text says, and the name of its type. */
const liveObjects: readonly (readonly [expression: string, text: RegExp, typeName: string])[] = [
  ['object()', /^<object object at 0x/, 'object'],
  ['print', /^<built-in function print>$/, 'builtin_function_or_method'],
  ['type("Point", (), {"__repr__": lambda self: "a point"})()', /^a point$/, '__main__.Point'],
  ['type("Name", (str,), {})("x")', /^'x'$/, '__main__.Name'],
  ['[1, {"a": object()}]', /^\[1, \{'a': <object object at 0x/, 'list'],
  ['(lambda l: l.append(l) or l)([])', /^\[\[\.\.\.\]\]$/, 'list'],
];

/** JavaScript writes no negative zero: in messages as JSON it is the text of a `json` value. */
function kindOn(transport: TransportName, code: string, kind: string): string {
  return transport === 'Connect JSON' && code === '-0.0' ? 'json' : kind;
}

/** The scenarios. */
export const values: Scenarios = {
  'the last expression is the result': async ({ client }) => {
    const result = await client.run({ code: 'x = 20\nx += 1\nx * 2', fresh: true });
    expect(result).toMatchObject({
      outcome: 'OK',
      value: { text: '42' },
      text: '42',
      stdout: '',
      stderr: '',
      error: null,
      exitCode: null,
      signal: null,
      stoppedBy: null,
      statePreserved: true,
    });
  },

  'plain kinds of values come back exact': async ({ client, isPlain, session, transport }) => {
    await using own = await session();
    await client.run({ sessionId: own.id, code: 'import datetime, decimal, uuid, zoneinfo' });
    const found: unknown[] = [];
    for (const [code] of plainValues) {
      const { value } = await client.run({ sessionId: own.id, code });
      found.push([code, ...(isPlain ? [value?.text ?? 'null'] : [value?.kind, value?.text])]);
    }
    const expected = plainValues.map(([code, kind, text]) => [
      code,
      ...(isPlain ? [] : [kindOn(transport, code, kind)]),
      text,
    ]);
    expect(found).toEqual(expected);
  },

  'what is no plain value stays where it is: a handle, and its text': async ({ client, session }) => {
    await using own = await session();
    for (const [code, text, typeName] of liveObjects) {
      const events = await collect(client.execute({ sessionId: own.id, code }));
      expectWellFormed(events);
      const result = only(events, 'result');
      expect(result.text).toMatch(text);
      expect(JSON.parse(result.value?.text ?? '')).toMatchObject({ $ref: expect.stringMatching(/./), typeName });
      expect(events.some(({ type }) => type === 'notice')).toBe(false);
      expect(only(events, 'finished')).toMatchObject({ outcome: 'OK', statePreserved: true });
    }
  },

  'a statement has no result, and empty code is OK': async ({ client, session }) => {
    await using own = await session();
    for (const code of ['x = 1', '', '# nothing', '\n\n']) {
      const events = await collect(client.execute({ sessionId: own.id, code }));
      expect(events.map(({ type }) => type)).toEqual(['accepted', 'started', 'finished']);
      expect(events.at(-1)).toMatchObject({ outcome: 'OK' });
    }
  },

  'a value of 64 KiB comes whole, a larger one has a handle and its text': async ({ client, session }) => {
    await using own = await session();
    const whole = await client.run({ sessionId: own.id, code: '"x" * 65536' });
    expect(whole.value?.text.length).toBe(65536 + 2);
    const events = await collect(client.execute({ sessionId: own.id, code: '"x" * 65537' }));
    const { value, text } = only(events, 'result');
    expect(text).toMatch(/^'xxx/);
    expect(JSON.parse(value?.text ?? '')).toMatchObject({ typeName: 'str', text: 'str of 65537' });
  },
};
