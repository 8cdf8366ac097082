import { create, type MessageInitShape } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ApplyRequestSchema,
  ArgumentSchema,
  ConverseRequestSchema,
  ObjectService,
  OperationSchema,
  TargetSchema,
} from '../../../src/gen/es/beep/python/v1/object_pb.ts';
import { PythonValueSchema } from '../../../src/gen/es/beep/python/v1/value_pb.ts';
import { isPlainApply, isPlainConverse } from '../../../src/interceptors/plain-apply.ts';
import { createCheck } from '../../../src/interceptors/validate.ts';

const check = createCheck([ObjectService]);
const namesOf = (schema: { fields: readonly { localName: string }[] }) => schema.fields.map((f) => f.localName).sort();

describe('the short way for plain batches', () => {
  it('knows every field of the messages, so that a new one is not overlooked', () => {
    expect(namesOf(ApplyRequestSchema)).toEqual(
      [
        ...['sessionId', 'generation', 'batchId', 'operations', 'onError'],
        ...['release', 'keepIntermediates', 'lastOnly', 'timeout'],
      ].sort(),
    );
    expect(namesOf(ConverseRequestSchema)).toEqual(['batch', 'cancel']);
    expect(namesOf(TargetSchema)).toEqual(['handleId', 'module', 'name', 'result', 'value']);
    expect(namesOf(ArgumentSchema)).toEqual(['handleId', 'result', 'value']);
    expect(namesOf(OperationSchema)).toHaveLength(19);
    expect(namesOf(PythonValueSchema)).toHaveLength(11);
  });

  it('takes what most callers send', () => {
    const operations: MessageInitShape<typeof OperationSchema>[] = [
      {
        target: { kind: { case: 'handleId', value: 'a' } },
        path: ['b'],
        action: {
          case: 'call',
          value: { args: [{ kind: { case: 'value', value: { kind: { case: 'integer', value: 1n } } } }] },
        },
      },
      { target: { kind: { case: 'result', value: 0 } } },
    ];
    expect(isPlainApply(create(ApplyRequestSchema, { operations }))).toBe(true);
    const batch = { id: 1, request: { operations } };
    expect(isPlainConverse(create(ConverseRequestSchema, { message: { case: 'batch', value: batch } }))).toBe(true);
  });

  /** Nearly always what is right, so that what is wrong stands alone. */
  const mostly = <T>(right: fc.Arbitrary<T>, wrong: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 30, arbitrary: right }, { weight: 1, arbitrary: wrong });
  const text = mostly(
    fc.constantFrom('x', 'a b', 'é'.repeat(128)),
    fc.constantFrom('', 'x'.repeat(129), 'x'.repeat(2000)),
  );
  const value = mostly(
    fc.constantFrom<MessageInitShape<typeof PythonValueSchema>>(
      { kind: { case: 'none', value: {} } },
      { kind: { case: 'integer', value: 1n } },
      { kind: { case: 'text', value: 'x'.repeat(3000) } },
    ),
    fc.constantFrom<MessageInitShape<typeof PythonValueSchema>>(
      {},
      { kind: { case: 'scalar', value: { typeName: '', text: '' } } },
      { kind: { case: 'tensor', value: { dtype: '', shape: [-1n] } } },
      { kind: { case: 'object', value: { id: '' } } },
    ),
  );
  const argument = fc.oneof(
    fc.record({ kind: fc.record({ case: fc.constant('value' as const), value }) }),
    fc.record({ kind: fc.record({ case: fc.constant('handleId' as const), value: text }) }),
    fc.constant({ kind: { case: 'result', value: 3 } } as const),
  );
  const target = fc.oneof(
    fc.constant(undefined),
    fc.record({ kind: fc.record({ case: fc.constantFrom('handleId', 'name', 'module'), value: text }) }),
    fc.constant({ kind: { case: 'result', value: 0 } } as const),
  );
  const action = fc.oneof(
    fc.constant(undefined),
    fc.record({
      case: fc.constant('call' as const),
      value: fc.record({
        args: fc.array(argument, { maxLength: 3 }),
        kwargs: fc.dictionary(fc.constantFrom('a', 'b'), argument, { maxKeys: 1 }),
      }),
    }),
    fc.record({
      case: fc.constant('getItem' as const),
      value: fc.record({ key: fc.option(argument, { nil: undefined }) }),
    }),
    fc.record({ case: fc.constant('setAttribute' as const), value: fc.record({ value: argument }) }),
    fc.constant({ case: 'deleteAttribute', value: {} } as const),
    fc.record({ case: fc.constant('assign' as const), value: fc.record({ name: text, value: argument }) }),
    fc.constant({ case: 'measure', value: {} } as const),
  );
  const result = mostly(
    fc.constantFrom<object | undefined>(undefined, { form: 3 }),
    fc.constantFrom<object | undefined>({ form: 9 }, { mimeTypes: [''] }),
  );
  const operation = fc.record({ target, path: fc.array(text, { maxLength: 3 }), action, result });
  const request = fc.record({
    sessionId: mostly(fc.constantFrom('', 'a.b:c-1'), fc.constantFrom('a b', 'x'.repeat(129))),
    batchId: mostly(fc.constant('a'), fc.constant('ä')),
    operations: fc.array(operation, { maxLength: 3 }),
    onError: mostly(fc.constant(0), fc.constantFrom(1, 9)),
    release: fc.array(text, { maxLength: 2 }),
    timeout: mostly(
      fc.constant<object | undefined>(undefined),
      fc.constantFrom<object | undefined>({ seconds: -1n }, { seconds: 1n }),
    ),
  });

  it('passes nothing that breaks a rule', () => {
    const validator = createCheck([ObjectService]);
    let plain = 0;
    fc.assert(
      fc.property(request, (init) => {
        const message = create(ApplyRequestSchema, init as MessageInitShape<typeof ApplyRequestSchema>);
        if (!isPlainApply(message)) return;
        plain++;
        // A field that no short way knows of makes the validator look.
        validator(ApplyRequestSchema, { ...message, onError: 1 } as typeof message);
      }),
      { numRuns: 2000, seed: 7 },
    );
    expect(plain).toBeGreaterThan(200);
    expect(() => check(ApplyRequestSchema, create(ApplyRequestSchema, { sessionId: 'a b' }))).toThrow();
  });
});
