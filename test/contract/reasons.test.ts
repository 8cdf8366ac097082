import { expect, test } from 'vitest';
import { reasons } from '../../src/errors.ts';
import { ErrorReasonSchema } from '../../src/gen/es/beep/python/v1/error_pb.ts';

const inContract = ErrorReasonSchema.values.filter(({ number }) => number !== 0);

test('the contract and the table of errors know the same reasons', () => {
  const names = inContract.map(({ name }) => name.replace(/^ERROR_REASON_/, ''));
  expect(Object.keys(reasons).sort()).toEqual(names.sort());
});

test('names in generated code are the names on the wire', () => {
  expect(inContract.map(({ localName }) => localName)).toEqual(
    inContract.map(({ name }) => name.replace(/^ERROR_REASON_/, '')),
  );
});
