/** How much of one session's work is under way at once: a session lets 64 items wait, and refuses the next. */

/** Half of what a session takes, since it is not this client's alone. */
const mostAtOnce = 32;

/** Gives turns, first come, first served. */
export interface Turns {
  /** Does the work in its turn. Throws the signal's reason when it is aborted before. */
  take<Result>(signal: AbortSignal | undefined, work: () => Promise<Result>): Promise<Result>;
}

/** Makes it. */
export function createTurns(): Turns {
  const waiting = new Set<() => void>();
  let underWay = 0;

  const turn = (signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      const begin = () => {
        waiting.delete(begin);
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        waiting.delete(begin);
        reject(signal?.reason);
      };
      waiting.add(begin);
      signal?.addEventListener('abort', leave, { once: true });
    });

  return {
    async take(signal, work) {
      // Who is let in has the place of the one who goes, so that nobody comes between.
      if (underWay >= mostAtOnce) await turn(signal);
      else underWay++;
      try {
        return await work();
      } finally {
        const [next] = waiting;
        if (next === undefined) underWay--;
        else next();
      }
    },
  };
}
