/** Waiting for what gives no event of its own, such as a file or another process's end. */

const intervalMs = 2;

/** Resolves when the condition holds; throws after the bound, with what was waited for. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 5000): Promise<void> {
  const endsAt = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > endsAt) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
