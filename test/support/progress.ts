/** A word now and then of how far a long test has come. */

const everyMs = 10_000;

/** Counts what is done, and says so every ten seconds; what takes less says nothing. `also` is said with it. */
export function createProgress(what: string, total: number, also = () => ''): (done?: number) => void {
  const startedAt = performance.now();
  let saidAt = startedAt;
  let count = 0;
  return (done = 1) => {
    count += done;
    const now = performance.now();
    const isDue = now - saidAt >= everyMs || (count >= total && now - startedAt >= everyMs);
    if (!isDue) return;
    saidAt = now;
    console.log(`${what}: ${count} of ${total} (${Math.round((now - startedAt) / 1000)} s)${also()}`);
  };
}
