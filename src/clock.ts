/** Time as a parameter, so that tests decide what time it is. */
export interface Clock {
  /** Milliseconds since 1970, for people and for other machines; may jump. */
  now(): number;
  /** Milliseconds since some moment; never goes back. */
  monotonic(): number;
  /** Calls back once, after so many milliseconds. Does not keep the process alive. */
  setTimer(delayMs: number, callback: () => void): Timer;
}

/** A callback to come. */
export interface Timer {
  /** Forgets it; nothing happens when it has been called already. */
  cancel(): void;
}

/** Node fires a longer timer after 1 ms. */
const longestDelayMs = 2 ** 31 - 1;

/** The machine's time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(delayMs, callback) {
    let timer: NodeJS.Timeout;
    const arm = (leftMs: number) => {
      const next = leftMs > longestDelayMs ? () => arm(leftMs - longestDelayMs) : callback;
      timer = setTimeout(next, Math.min(leftMs, longestDelayMs)).unref();
    };
    arm(delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};
