/** Percentiles of samples, and ratios that hold although the machine has other work to do. */

/** What is said of one list of samples. */
export interface Summary {
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Lowest and highest median of a round: how noisy the machine was. */
  readonly lowestRound: number;
  readonly highestRound: number;
}

/** A quotient of medians. */
export interface Ratio {
  /** The median over the rounds. */
  readonly value: number;
  /** Lower and upper quartile over the rounds. */
  readonly low: number;
  readonly high: number;
}

/** The value that the given share of the samples does not exceed; the nearest rank, so always one that was measured. */
export function percentile(samples: readonly number[], share: number): number {
  if (samples.length === 0) throw new RangeError('no samples: a percentile needs at least one');
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
}

/** The middle one; the mean of both where there are two. */
export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] as number;
  return (percentile(sorted, 0.5) + (sorted[middle] as number)) / 2;
}

/** All rounds taken together. */
export function summarize(rounds: readonly (readonly number[])[]): Summary {
  const samples = rounds.flat();
  const medians = rounds.map(median);
  return {
    n: samples.length,
    p50: median(samples),
    p95: percentile(samples, 0.95),
    p99: percentile(samples, 0.99),
    lowestRound: Math.min(...medians),
    highestRound: Math.max(...medians),
  };
}

/**
 * How many times `of` is `to`. Each round gives the quotient of its own two medians, taken within moments of each other,
 * and the middle quotient counts: a slow minute of the machine slows both and changes little.
 */
export function ratioOfMedians(of: readonly (readonly number[])[], to: readonly (readonly number[])[]): Ratio {
  if (of.length !== to.length) throw new RangeError(`${of.length} rounds against ${to.length}: they must be the same`);
  const quotients = of.map((round, i) => median(round) / median(to[i] as readonly number[]));
  return { value: median(quotients), low: percentile(quotients, 0.25), high: percentile(quotients, 0.75) };
}
