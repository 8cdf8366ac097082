/** Calls that must be refused. */
import { expect } from 'vitest';
import { CallFailed } from './client.ts';
import type { Stage } from './stage.ts';

/** The reason, gRPC's code and the HTTP status must be those of the contract, in whatever way the transport says them. */
export async function expectRefused(
  { isPlain }: Stage,
  call: Promise<unknown>,
  expected: { reason: string; code: number; http: number },
): Promise<CallFailed> {
  const error = await call.then(
    () => Promise.reject(new Error(`it was not refused with ${expected.reason}`)),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CallFailed);
  const { reason, code, httpStatus, requestId } = error as CallFailed;
  const status = isPlain ? { httpStatus: expected.http } : { code: expected.code };
  expect({ reason, ...(isPlain ? { httpStatus } : { code }) }, String(error)).toEqual({
    reason: expected.reason,
    ...status,
  });
  expect(requestId).toMatch(/./);
  return error as CallFailed;
}
