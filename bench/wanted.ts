/** The ratios that are wanted; the figures stand in `wanted.json`, which `bench/check` reads too. */
import wantedRows from './wanted.json' with { type: 'json' };

/** One wanted ratio. */
export interface Wanted {
  readonly id: string;
  readonly what: string;
  /** Which is divided by which. */
  readonly ratio: 'ours / peer' | 'peer / ours';
  readonly bound: 'at least' | 'at most';
  readonly reach: number;
  readonly aim: number;
}

/** All of them. */
export const wanted = wantedRows as readonly Wanted[];

/** Whether a ratio is as good as a figure of its row. */
export function isWithin(value: number, { bound }: Pick<Wanted, 'bound'>, figure: number): boolean {
  return bound === 'at least' ? value >= figure : value <= figure;
}
