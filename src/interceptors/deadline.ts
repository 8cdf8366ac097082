/** The caller's deadline: the call is answered when it passes, whatever the handler does. */
import type { Interceptor } from '../call.ts';
import { errors } from '../errors.ts';

/** A longer timer of Node's fires after a millisecond. */
const longestTimerMs = 2 ** 31 - 1;

/** Makes the interceptor. */
export function createDeadline(maxTimeoutMs = 24 * 24 * 3_600_000): Interceptor {
  const boundMs = Math.min(maxTimeoutMs, longestTimerMs);
  return async (call, next) => {
    if (call.deadlineAt === undefined) return next();
    const timeoutMs = call.deadlineAt - performance.now();
    if (timeoutMs > boundMs) throw errors.deadlineTooLong(Math.round(timeoutMs), boundMs);
    let timer: NodeJS.Timeout | undefined;
    const passed = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => {
          const error = errors.deadlineExceeded(timeoutMs);
          call.abort(error);
          reject(error);
        },
        Math.max(0, timeoutMs),
      );
    });
    try {
      await Promise.race([next(), passed]);
    } finally {
      clearTimeout(timer);
    }
  };
}
