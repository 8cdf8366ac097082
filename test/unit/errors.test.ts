import { describe, expect, test } from 'vitest';
import { BeepError, cut, errors, GrpcCode, maxErrorMessageBytes, reasons, toBeepError } from '../../src/errors.ts';
import { ErrorReason } from '../../src/gen/es/beep/python/v1/error_pb.ts';
import { errorTrailers } from '../../src/transports/grpc/status.ts';

test('every reason of the contract has its row, and no other', () => {
  const named = Object.keys(ErrorReason).filter((name) => name !== 'UNSPECIFIED' && Number.isNaN(Number(name)));
  expect(Object.keys(reasons).sort()).toEqual(named.map((name) => name.replace(/^ERROR_REASON_/, '')).sort());
});

test('texts begin in lower case, stand on one line, and quote what comes from outside', () => {
  const bad = `a"b\n${'x'.repeat(1000)}`;
  for (const [name, make] of Object.entries(errors)) {
    if (name === 'fromReason' || name === 'invalidArgument' || name === 'internal') continue;
    if (['forbidden', 'unauthenticated', 'pythonIncompatible', 'cancelled', 'notImplemented'].includes(name)) continue;
    // biome-ignore lint/suspicious/noExplicitAny: one call for all shapes
    const anyMake = make as (...args: any[]) => BeepError;
    const isList = ['runtimeInUse', 'venvInUse'].includes(name);
    const error =
      name === 'methodNotAllowed' || name === 'contentTypeRefused'
        ? anyMake('x', ['a'])
        : anyMake(bad, isList ? [bad] : 'why');
    expect([name, /^[a-z"]/.test(error.message) || /^JSON|^isolation/.test(error.message)]).toEqual([name, true]);
    expect([name, Buffer.byteLength(error.message) <= 1300]).toEqual([name, true]);
  }
  expect(errors.venvNotFound(bad).message).not.toContain('\n');
});

describe('foreign errors', () => {
  test('are INTERNAL, keep their cause and tell nothing', () => {
    const cause = new Error('/home/someone/secret');
    const error = toBeepError(cause);
    expect(error).toMatchObject({ reason: 'INTERNAL', code: GrpcCode.INTERNAL, httpStatus: 500, cause });
    expect(error.message).not.toContain('secret');
  });

  test('that say that work was aborted have the reason for it', () => {
    const reason = errors.deadlineExceeded(5);
    expect(toBeepError(new DOMException('aborted', 'AbortError')).reason).toBe('CANCELLED');
    expect(toBeepError(Object.assign(new Error('x', { cause: reason }), { name: 'AbortError' }))).toBe(reason);
    expect(toBeepError(reason)).toBe(reason);
  });

  test.each([undefined, null, 'text', 5, {}])('%j thrown is INTERNAL', (thrown) => {
    expect(toBeepError(thrown).reason).toBe('INTERNAL');
  });
});

test("a worker's refusal keeps its reason; one that nobody knows is INTERNAL", () => {
  expect(errors.fromReason('STALE_HANDLE', 'gone', { metadata: { handle: 'h' } })).toMatchObject({
    reason: 'STALE_HANDLE',
    httpStatus: 409,
    metadata: { handle: 'h' },
  });
  for (const reason of ['NO_SUCH', 'toString', '__proto__', ''])
    expect(errors.fromReason(reason, 'x').reason).toBe('INTERNAL');
});

test('messages and metadata are bounded, and stay well-formed text', () => {
  const error = new BeepError('INTERNAL', 'ä'.repeat(100_000), { metadata: { a: '日'.repeat(10_000) } });
  expect(Buffer.byteLength(error.message)).toBeLessThanOrEqual(maxErrorMessageBytes);
  expect(error.message).toMatch(/^ä+\.\.\.$/);
  expect(Buffer.byteLength(error.metadata.a as string)).toBeLessThanOrEqual(300);
  expect(cut('a\ud800b', 100)).toBe('a\ufffdb');
  expect(cut('日'.repeat(5), 10)).toBe('日日...');
});

test('trailers stay below what gRPC clients take, whatever is in an error', () => {
  const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key${i}`, '日'.repeat(1000)]));
  const trailers = errorTrailers(
    new BeepError('INTERNAL', '日\n%'.repeat(10_000), { metadata, retryAfterMs: 1 }),
    'x'.repeat(128),
  );
  const bytes = Object.entries(trailers).reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
  expect(bytes).toBeLessThan(8192);
  expect(trailers['grpc-message']).toMatch(/^[\x20-\x7e]+$/);
});
