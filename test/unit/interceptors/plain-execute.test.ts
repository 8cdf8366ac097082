import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ExecuteRequestSchema,
  ExecuteService,
  SessionSpecSchema,
} from '../../../src/gen/es/beep/python/v1/execute_pb.ts';
import { isPlainExecute } from '../../../src/interceptors/plain-execute.ts';
import { createCheck } from '../../../src/interceptors/validate.ts';

const check = createCheck([ExecuteService]);

function isValid(init: Parameters<typeof create<typeof ExecuteRequestSchema>>[1]): boolean {
  try {
    check(ExecuteRequestSchema, create(ExecuteRequestSchema, init));
    return true;
  } catch {
    return false;
  }
}

describe('the short way for plain requests', () => {
  it('knows every field of the message, so that a new one is not overlooked', () => {
    expect(ExecuteRequestSchema.fields.map(({ localName }) => localName).sort()).toEqual(
      [
        'argv',
        'code',
        'cwd',
        'env',
        'executionId',
        'fresh',
        'function',
        'generation',
        'inputMode',
        'interruptGrace',
        'maxOutputBytes',
        'module',
        'onDisconnect',
        'queueTimeout',
        'result',
        'script',
        'sessionId',
        'stdin',
        'timeout',
        'whenBehind',
      ].sort(),
    );
  });

  it('knows every field of a session', () => {
    expect(SessionSpecSchema.fields.map(({ localName }) => localName).sort()).toEqual(
      [
        'closeOnDeath',
        'cwd',
        'env',
        'idleTimeout',
        'isolation',
        'labels',
        'lifetime',
        'limits',
        'preload',
        'venv',
      ].sort(),
    );
  });

  it('takes code alone, and code for a session', () => {
    expect(isPlainExecute(create(ExecuteRequestSchema, { source: { case: 'code', value: '' } }))).toBe(true);
    const fresh = { where: { case: 'fresh', value: {} }, source: { case: 'code', value: '1' } } as const;
    expect(isPlainExecute(create(ExecuteRequestSchema, fresh))).toBe(true);
    const inSession = { where: { case: 'sessionId', value: 'a.b:c-1' }, source: { case: 'code', value: '1' } } as const;
    expect(isPlainExecute(create(ExecuteRequestSchema, inSession))).toBe(true);
  });

  it.each([
    ['no source', {}],
    ['a NUL in the code', { source: { case: 'code', value: 'a\0b' } }],
    ['a malformed session id', { where: { case: 'sessionId', value: 'a b' }, source: { case: 'code', value: '1' } }],
    ['an execution id that is too long', { executionId: 'x'.repeat(129), source: { case: 'code', value: '1' } }],
    [
      'a fresh session of some kind',
      { where: { case: 'fresh', value: { cwd: 'x' } }, source: { case: 'code', value: '1' } },
    ],
    ['a timeout', { timeout: { seconds: 1n }, source: { case: 'code', value: '1' } }],
    ['a variable', { env: { A: 'b' }, source: { case: 'code', value: '1' } }],
    ['an unknown mode', { inputMode: 99, source: { case: 'code', value: '1' } }],
  ] as const)('leaves %s to the validator', (_, init) => {
    expect(isPlainExecute(create(ExecuteRequestSchema, init as never))).toBe(false);
  });

  it('never takes what the validator refuses', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', 'a-1', 'x'.repeat(128), 'x'.repeat(129)),
    );
    fc.assert(
      fc.property(text, text, text, fc.nat(), (code, sessionId, executionId, generation) => {
        const init = {
          where: { case: 'sessionId', value: sessionId },
          source: { case: 'code', value: code },
          executionId,
          generation,
        } as const;
        if (isPlainExecute(create(ExecuteRequestSchema, init))) {
          // One more field, valid by itself, makes the validator look at the whole.
          expect(isValid({ ...init, timeout: { seconds: 1n } })).toBe(true);
        }
      }),
    );
  });
});
