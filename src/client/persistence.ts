/** Calls that may be made again, across connections that break. */
import { BeepError, isLost, toBeepError } from './beep-error.ts';
import type { Link } from './link.ts';

const firstWaitMs = 20;
const longestWaitMs = 1000;

/** How patient one caller still is. */
export interface Patience {
  /** Something was heard of the gateway. */
  renew(): void;
  /** Waits before the next try. Throws the loss when it has lasted too long, and the signal's reason when it is aborted. */
  wait(loss: BeepError, signal: AbortSignal | undefined): Promise<void>;
}

/** Patience that ends when a connection has been away for too long. */
export function createPatience(link: Link): Patience {
  const { reconnectTimeoutMs } = link;
  let lostAt: number | undefined;
  let waitMs = 0;
  return {
    renew() {
      lostAt = undefined;
      waitMs = 0;
    },
    async wait(loss, signal) {
      const now = performance.now();
      lostAt ??= now;
      if (link.isClosing || now + waitMs - lostAt > reconnectTimeoutMs) throw lastingLoss(loss, reconnectTimeoutMs);
      // Jitter: many clients lost the same gateway at the same moment.
      await pause(waitMs * (0.5 + Math.random() / 2), signal);
      waitMs = Math.min(Math.max(waitMs * 2, firstWaitMs), longestWaitMs);
    },
  };
}

/** Calls until there is an answer: only for what may be carried out twice, or is known by an id. */
export async function persistently<Answer>(
  link: Link,
  call: () => Promise<Answer>,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const patience = createPatience(link);
  for (;;) {
    link.check();
    try {
      return await call();
    } catch (thrown) {
      signal?.throwIfAborted();
      const error = toBeepError(thrown);
      if (!isLost(error)) throw error;
      await patience.wait(error, signal);
    }
  }
}

/** Calls once: what may not be carried out twice. */
export async function once<Answer>(
  link: Link,
  call: () => Promise<Answer>,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  link.check();
  try {
    return await call();
  } catch (thrown) {
    signal?.throwIfAborted();
    throw toBeepError(thrown);
  }
}

function lastingLoss(loss: BeepError, reconnectTimeoutMs: number): BeepError {
  return new BeepError(
    loss.reason,
    `${loss.message}; it did not come back within ${reconnectTimeoutMs} ms`.replace('; call again', ''),
    { cause: loss.cause, metadata: loss.metadata },
  );
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
