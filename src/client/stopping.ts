/** Calls whose caller leaves: what they run is stopped. */
import { hasReason, toBeepError } from './beep-error.ts';
import type { Link } from './link.ts';

const firstPauseMs = 5;
const longestPauseMs = 500;

/** The answer, or the signal's reason as soon as it is aborted; `onAbort` sees to what goes on. */
export async function unlessAborted<Answer>(
  answer: Promise<Answer>,
  signal: AbortSignal | undefined,
  onAbort: () => void,
): Promise<Answer> {
  if (signal === undefined) return await answer;
  answer.catch(() => {}); // when nobody waits for it any more
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      onAbort();
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Interrupts an execution whose call is under way: again, as long as it has not begun and its call is not answered. */
export async function stopUnanswered(link: Link, executionId: string, answer: Promise<unknown>): Promise<void> {
  let isAnswered = false;
  const answered = answer.then(
    () => {
      isAnswered = true;
    },
    () => {
      isAnswered = true;
    },
  );
  for (let pauseMs = firstPauseMs; !isAnswered; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      await link.services.execute.interrupt({ itemId: executionId });
      return;
    } catch (error) {
      if (!isTooEarly(error)) return;
      await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, pauseMs))]);
    }
  }
}

function isTooEarly(error: unknown): boolean {
  return hasReason(toBeepError(error), 'NOTHING_RUNNING', 'EXECUTION_NOT_FOUND', 'SESSION_NOT_FOUND');
}
