/** Waiting for what gives no event of its own, such as a file or another process's end. */

// What comes soon is seen at once; whoever waits long looks less often, and leaves the processor to what is waited for.
const shortestMs = 2;
const longestMs = 50;
const shareOfWait = 0.1;

/** Resolves when the condition holds; throws after the bound, with what was waited for. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 5000): Promise<void> {
  const startedAt = performance.now();
  while (!(await holds())) {
    const waitedMs = performance.now() - startedAt;
    if (waitedMs > withinMs) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    const pauseMs = Math.min(longestMs, Math.max(shortestMs, waitedMs * shareOfWait));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
