/** A word now and then of how far a long test has come. */

const everyMs = 10_000;

/** Counts what is done, and says so at most every ten seconds, and at the end. */
export function createProgress(what: string, total: number): (done?: number) => void {
  const startedAt = performance.now();
  let saidAt = startedAt;
  let count = 0;
  return (done = 1) => {
    count += done;
    const now = performance.now();
    if (now - saidAt < everyMs && count < total) return;
    saidAt = now;
    console.log(`${what}: ${count} of ${total} (${Math.round((now - startedAt) / 1000)} s)`);
  };
}
