/**
 * Calls at once for each principal. Beyond HTTP/2's own limit of streams a client's call would just hang, so this lower
 * one answers.
 */
import type { Interceptor } from '../call.ts';
import { errors } from '../errors.ts';

/** Makes the interceptor. */
export function createQuota(maxCalls: number): Interceptor {
  const underWay = new Map<string, number>();
  return async (call, next) => {
    const { principal } = call;
    const count = underWay.get(principal) ?? 0;
    if (count >= maxCalls) throw errors.quotaExceeded('calls at once', maxCalls, { retryAfterMs: 1000 });
    underWay.set(principal, count + 1);
    try {
      await next();
    } finally {
      const left = (underWay.get(principal) as number) - 1;
      if (left === 0) underWay.delete(principal);
      else underWay.set(principal, left);
    }
  };
}
