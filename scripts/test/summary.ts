import { type Counts, isNothing } from './counts.ts';

/** The last words of a run. */
export function summary(total: Counts, startedAt: number): string {
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const nothing = isNothing(total) ? 'no test ran\n' : '';
  return `${nothing}\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped (${seconds} s)`;
}
