/** What the original's callers do and what they must read: one table, the same for each of its formats. */
import { expect } from 'vitest';
import { type Client, handleJson } from './operations.ts';

/** One case. */
export interface Case {
  readonly name: string;
  readonly run: (client: Client) => Promise<void>;
}

/** Expressions, what they are worth as JSON text, and where it differs the type that the caller asks for. */
const values: readonly (readonly [string, string, string?])[] = [
  ['1', '1'],
  ['2.0', '2.0'],
  ['-0.0', '-0.0'],
  ['2**70', '1180591620717411303424'],
  ['9007199254740993', '9007199254740993'],
  ['0.1 + 0.2', '0.30000000000000004'],
  ['1e400 * 0 == 0', 'false'],
  ['None', 'null'],
  ['True', 'true'],
  ["'h\\xe4llo `<>&\\u2028'", '"hällo `<>&\u2028"'],
  ['(1, (2.0, [3]))', '[1,[2.0,[3]]]'],
  ["{'a': {'b': (1,)}}", '{"a":{"b":[1]}}'],
  ['{7}', '[7]'],
  ['[frozenset({7})]', '[[7]]'],
  ["b'text'", '"text"'],
  ["__import__('datetime').datetime(2026, 1, 2, 3, 4, 5, 6)", '"2026-01-02T03:04:05.000006"'],
  ["__import__('datetime').date(2026, 1, 2)", '"2026-01-02"'],
  ["__import__('datetime').time(3, 4)", '"03:04:00"'],
  ['x = 1\ny = x + 1\ny', '2'],
  ['def f(n):\n    return n * 2\nf(21)', '42'],
  ['unset = 1', 'null'],
];

const typed: readonly (readonly [string, string, string])[] = [
  ['2.0', 'Int32', '2'],
  ["'12'", 'Int64', '12'],
  ['[1, 2.0]', 'String', '"[1, 2.0]"'],
  ['3', 'Double', '3.0'],
  ['3', 'Single', '3.0'],
  ['[]', 'Boolean', 'false'],
  ['range(3)', 'Int32[]', '[0,1,2]'],
  ['{9}', 'List`1', '[9]'],
  ["b'\\xff\\x00'", 'Byte[]', '"/wA="'],
  ['1/4', 'Double', '0.25'],
  ["__import__('fractions').Fraction(1, 4)", 'Double', '0.25'],
  ["__import__('fractions').Fraction(1, 4)", 'String', '"1/4"'],
  ['None', 'String', 'null'],
];

/** All cases. */
export const cases: readonly Case[] = [
  ...values.map(
    ([expression, wanted]): Case => ({
      name: `eval of ${JSON.stringify(expression)} is ${wanted}`,
      async run({ evaluate }) {
        expect(await evaluate(expression)).toEqual({ value: wanted });
      },
    }),
  ),
  ...typed.map(
    ([expression, returnType, wanted]): Case => ({
      name: `${expression} for a caller that reads ${returnType} is ${wanted}`,
      async run({ evaluate, facade }) {
        if (facade.name === 'grpc') return; // its requests name no type
        expect(await evaluate(expression, { returnType: JSON.stringify(returnType) })).toEqual({ value: wanted });
      },
    }),
  ),
  {
    name: 'a caller that reads Int32 gets an error for what is beyond it, or no number',
    async run({ evaluate, facade }) {
      if (facade.name === 'grpc') return;
      for (const expression of ['2**31', "'x'", "float('nan')"]) {
        const answer = await evaluate(expression, { returnType: '"Int32"' });
        expect(answer.fault, expression).toBe('code');
        expect(answer.error).toContain('Int32');
      }
    },
  },
  {
    name: 'a module is imported, its functions are called, its attributes read',
    async run({ import: importModule, call, getattr }) {
      const math = await importModule('math');
      expect(await call(math, 'sqrt', { args: '[16]' })).toEqual({ value: '4.0' });
      expect(await call(math, 'isclose', { args: '[1,1.5]', kwargs: '{"abs_tol":1}' })).toEqual({ value: 'true' });
      expect(await getattr(math, 'pi')).toEqual({ value: '3.141592653589793' });
      expect((await getattr(await importModule('json'), 'decoder')).handle?.typeName).toBe('module');
      expect(await call(await importModule('os.path'), 'basename', { args: '["a/b"]' })).toEqual({ value: '"b"' });
    },
  },
  {
    name: 'an object is made, called, set and let go',
    async run({ import: importModule, create, call, getattr, setattr, dispose }) {
      const fraction = await create(await importModule('fractions'), 'Fraction', { args: '[1,3]' });
      expect(fraction.typeName).toBe('Fraction');
      expect(await getattr(fraction.handleId, 'numerator')).toEqual({ value: '1' });
      expect(await call(fraction.handleId, '__float__')).toEqual({ value: '0.3333333333333333' });
      const space = await create(await importModule('types'), 'SimpleNamespace', { kwargs: '{"a":2.0}' });
      expect((await setattr(space.handleId, 'b', { value: '[1.0,{"c":18446744073709551616}]' })).error).toBe(undefined);
      expect(await getattr(space.handleId, 'b')).toEqual({ value: '[1.0,{"c":18446744073709551616}]' });
      expect((await setattr(space.handleId, 'a')).error).toBe(undefined);
      expect(await getattr(space.handleId, 'a')).toEqual({ value: 'null' });
      expect((await dispose(space.handleId)).error).toBe(undefined);
      expect((await dispose(space.handleId)).error).toBe(undefined);
      const gone = await getattr(space.handleId, 'a');
      expect(gone.fault).toBe('handle');
      expect(gone.error).toContain(`Handle not found: ${space.handleId}`);
    },
  },
  {
    name: 'null and nothing stand for no arguments',
    async run({ import: importModule, create, call, evaluate }) {
      const module = await importModule('builtins');
      const list = await create(module, 'list', { args: 'null', kwargs: 'null' });
      expect(list.typeName).toBe('list');
      expect(await call(list.handleId, 'copy', { args: 'null' })).toEqual({ value: '[]' });
      expect(await call(list.handleId, 'copy', { args: '[]', kwargs: '{}' })).toEqual({ value: '[]' });
      expect(await evaluate('1', { locals: 'null' })).toEqual({ value: '1' });
    },
  },
  {
    name: 'objects from eval and getattr are handles',
    async run({ evaluate, getattr, call }) {
      const made = await evaluate("type('Node', (), {'inner': object()})()");
      expect(made.handle?.typeName).toBe('Node');
      const inner = await getattr(made.handle?.handleId as string, 'inner');
      expect(inner.value === undefined || inner.handle === undefined).toBe(true);
      const iterator = await evaluate('iter([1, 2])');
      expect(iterator.handle?.typeName).toBe('list_iterator');
      expect(await call(iterator.handle?.handleId as string, '__next__')).toEqual({ value: '1' });
    },
  },
  {
    name: 'handles among arguments are their objects, at any depth',
    async run({ wrap, evaluate, import: importModule, create, call }) {
      const one = await wrap('[1,2]');
      const locals = `{"a":${handleJson(one)},"b":{"c":[${handleJson(one)}]}}`;
      expect(await evaluate("a is b['c'][0]", { locals })).toEqual({ value: 'true' });
      const module = await importModule('builtins');
      const list = await create(module, 'list', { args: `[${handleJson(one)}]` });
      expect(await call(list.handleId, '__eq__', { args: `[${handleJson(one)}]` })).toEqual({ value: 'true' });
      const pascal = JSON.stringify({ HandleId: one.handleId, TypeName: 'list', IsValid: true });
      expect(await evaluate('len(a)', { locals: `{"a":${pascal}}` })).toEqual({ value: '2' });
      const missing = await evaluate('a', { locals: '{"a":{"handleId":"handle_999"}}' });
      expect(missing.fault).toBe('handle');
    },
  },
  {
    name: 'handles of falsy objects are as good as any',
    async run({ wrap, evaluate, call }) {
      for (const json of ['[]', '0', '""', '{}', 'false', 'null', '0.0']) {
        const { handleId, typeName } = await wrap(json);
        expect(await evaluate('x', { locals: `{"x":${handleJson({ handleId, typeName })}}` })).toEqual({ value: json });
        expect((await call(handleId, '__repr__')).error).toBe(undefined);
      }
    },
  },
  {
    name: 'arrays are read flat and in rows',
    async run({ wrap, floats, floats2d }) {
      expect(await floats((await wrap('[1,2,3]')).handleId)).toEqual({ data: '[1,2,3]' });
      expect(await floats((await wrap('[[1,2],[3,4]]')).handleId)).toEqual({ data: '[1,2,3,4]' });
      expect(await floats2d((await wrap('[[1,2],[3,4]]')).handleId)).toEqual({ data: '[[1,2],[3,4]]' });
      expect(await floats((await wrap('[]')).handleId)).toEqual({ data: '[]' });
      expect(await floats2d((await wrap('[[],[]]')).handleId)).toEqual({ data: '[[],[]]' });
      for (const none of ['[1,2]', '[[1],[2,3]]', '[[[1]]]', '["x"]', '[[null]]']) {
        expect((await floats2d((await wrap(none)).handleId)).fault, none).toBe('code');
      }
    },
  },
  {
    name: 'the digits of numbers in arrays are kept',
    async run({ wrap, floats, floats2d, facade }) {
      if (facade.name === 'grpc') return; // its floats have 32 bits
      const json = '[0.1,2.0,-0.0,1.7976931348623157e+308,5e-324]';
      expect(await floats((await wrap(json)).handleId)).toEqual({ data: json });
      expect(await floats2d((await wrap(`[${json}]`)).handleId)).toEqual({ data: `[${json}]` });
      expect(await floats((await wrap('[9007199254740993]')).handleId)).toEqual({ data: '[9007199254740993]' });
    },
  },
  {
    name: 'an exception says what it was, where it happened, and leaves everything as it was',
    async run({ evaluate, import: importModule, call }) {
      const divided = await evaluate('1/0');
      expect(divided.fault).toBe('code');
      expect(divided.error).toContain('division by zero');
      const math = await importModule('math');
      expect((await call(math, 'sqrt', { args: '[-1]' })).error).toMatch(/math domain error|nonnegative/);
      expect((await call(math, 'no_such')).fault).toBe('code');
      expect((await evaluate('raise SystemExit(3)')).fault).toBe('code');
      expect((await evaluate('1 +')).fault).toBe('code');
      expect(await evaluate('1')).toEqual({ value: '1' });
    },
  },
  {
    name: 'a module is available or not',
    async run({ available, ask }) {
      expect(await available('json.decoder')).toBe(true);
      expect(await available('no_such_module')).toBe(false);
      const missing = await ask('import', { moduleName: '"no_such_module"' });
      expect(missing.fault).toBe('code');
      expect(missing.error).toContain("No module named 'no_such_module'");
    },
  },
  {
    name: 'NaN and infinities are refused, but for gRPC',
    async run({ evaluate, held, floats, facade }) {
      const isGrpc = facade.name === 'grpc';
      const list = await evaluate("[float('nan'), float('-inf')]");
      if (isGrpc) expect(list).toEqual({ value: '[NaN,-Infinity]' });
      else expect([list.fault, list.error?.includes('nan')]).toEqual(['code', true]);
      const array = await held("__import__('array').array('d', [1.0, float('nan')])");
      const numbers = await floats(array.handleId);
      if (isGrpc)
        expect(numbers).toEqual({ data: '[1,null]' }); // JSON.stringify of what came: there is NaN
      else expect(numbers.fault).toBe('code');
    },
  },
  {
    name: 'what JSON has no word for is held, and over gRPC the text that it was there',
    async run({ evaluate, import: importModule, call, getattr, create, facade }) {
      const fractions = await importModule('fractions');
      const third = await create(fractions, 'Fraction', { args: '[1,3]' });
      const results = [
        ['2/3', 'Fraction', await call(third.handleId, '__add__', { args: `[${handleJson(third)}]` })],
        ['1/3', 'Fraction', await evaluate("__import__('fractions').Fraction(1, 3)")],
        ['1j', 'complex', await evaluate('1j')],
        ['<built-in function sqrt>', 'builtin_function_or_method', await getattr(await importModule('math'), 'sqrt')],
      ] as const;
      for (const [text, typeName, answer] of results) {
        if (facade.name === 'grpc') expect(answer).toEqual({ value: JSON.stringify(text) });
        else expect(answer.handle?.typeName).toBe(typeName);
      }
      // However it is read, it can be used: whatever is made is held.
      const operator = await importModule('operator');
      const half = await create(operator, 'truediv', { args: `[${handleJson(third)},2]` });
      expect(half.typeName).toBe('Fraction');
      expect(await getattr(half.handleId, 'denominator')).toEqual({ value: '6' });
    },
  },
  {
    name: 'what JSON has no word for is refused by the name of its type within other values, but for gRPC',
    async run({ evaluate, facade }) {
      const within = await evaluate('[1j]');
      if (facade.name === 'grpc') expect(within).toEqual({ value: '["1j"]' });
      else expect([within.fault, within.error?.includes('complex')]).toEqual(['code', true]);
      const bytes = await evaluate("b'\\xff'");
      if (facade.name === 'grpc') expect(bytes).toEqual({ value: JSON.stringify("b'\\xff'") });
      else expect([bytes.fault, bytes.error?.includes('UTF-8')]).toEqual(['code', true]);
      expect((await evaluate('{(1, 2): 3}')).error).toContain('tuple');
    },
  },
  {
    name: 'bad requests are refused and the next one is answered',
    async run({ call, import: importModule, evaluate, facade }) {
      const math = await importModule('math');
      const named = { rpc: ['Args', 'Kwargs', 'Locals'], grpc: ['args_json', 'kwargs_json', 'locals_json'] };
      const [args, kwargs, locals] = named[facade.name as 'rpc'] ?? ['args', 'kwargs', 'locals'];
      for (const [name, answer] of [
        [args, await call(math, 'sqrt', { args: '{}' })],
        [args, await call(math, 'sqrt', { args: '1' })],
        [kwargs, await call(math, 'sqrt', { kwargs: '[]' })],
        [locals, await evaluate('1', { locals: '[1]' })],
      ] as const) {
        expect(answer.fault).toBe('request');
        expect(answer.error).toMatch(new RegExp(`(^|"|body",")${name}\\b`));
      }
      expect((await call('handle_999', 'x')).error).toContain('Handle not found: handle_999');
      expect(await evaluate('1')).toEqual({ value: '1' });
    },
  },
  {
    name: 'long arguments arrive whole',
    async run({ evaluate }) {
      const long = 'x'.repeat(300_000);
      expect(await evaluate('len(x)', { locals: JSON.stringify({ x: long }) })).toEqual({ value: '300000' });
    },
  },
];
