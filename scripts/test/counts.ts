/** How many tests ended how. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Where no test has run. */
export const nothing: Counts = { passed: 0, failed: 0, skipped: 0 };

/** All suites together. */
export function sum(all: readonly Counts[]): Counts {
  return all.reduce(
    (total, next) => ({
      passed: total.passed + next.passed,
      failed: total.failed + next.failed,
      skipped: total.skipped + next.skipped,
    }),
    nothing,
  );
}

/** Whether no test ran. */
export function isNothing(counts: Counts): boolean {
  return counts.passed + counts.failed === 0;
}

/** A run in which nothing ran proves nothing: it has failed. */
export function failed(counts: Counts): boolean {
  return counts.failed > 0 || isNothing(counts);
}

/**
 * A suite that ended badly although none of its tests says so (it crashed, an error outside every test, no report) counts
 * as one failure.
 */
export function withExitCode(counts: Counts, exitCode: number): Counts {
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}
