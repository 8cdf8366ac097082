/** What a refusal says of the field that is wrong. */
import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { BeepError } from '../../../src/errors.ts';
import { ExecuteRequestSchema, ExecuteService, InputMode } from '../../../src/gen/es/beep/python/v1/execute_pb.ts';
import { createCheck } from '../../../src/interceptors/validate.ts';

const check = createCheck([ExecuteService]);
const code = { case: 'code', value: '1' } as const;

test.each([
  ['a rule of one field', { source: code, cwd: '\0' }, 'cwd'],
  ['a rule of the whole message', { source: code, stdin: new Uint8Array(1), inputMode: InputMode.NONE }, 'stdin_mode'],
])('%s names it', (_, request, field) => {
  let thrown: unknown;
  try {
    check(ExecuteRequestSchema, create(ExecuteRequestSchema, request));
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(BeepError);
  expect((thrown as BeepError).metadata).toEqual({ field });
});
