/** Two errors at once: one that came of leaving a scope, and the scope's own. */

/** What both have in common, whether the engine knows the class or not. */
interface Both extends Error {
  readonly error: unknown;
  readonly suppressed: unknown;
}

type SuppressedErrorClass = new (error: unknown, suppressed: unknown, message: string) => Both;

/** As `await using` throws it: `error` is what leaving threw, `suppressed` what the scope had thrown. */
export function suppressedError(error: unknown, suppressed: unknown, message: string): Both {
  const { SuppressedError } = globalThis as { SuppressedError?: SuppressedErrorClass };
  if (SuppressedError !== undefined) return new SuppressedError(error, suppressed, message);
  // Older engines, where a compiler makes `await using` of what they have.
  return Object.assign(new Error(message), { name: 'SuppressedError', error, suppressed });
}
