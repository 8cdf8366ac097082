/** What a run found, as it is kept. */
import type { Machine } from './machine.ts';
import type { Measure } from './measure.ts';
import type { Rounds } from './sampling.ts';
import { median, type Ratio, ratioOfMedians, type Summary, summarize } from './statistics.ts';
import { type Wanted, wanted } from './wanted.ts';

/** One measured thing. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly unit: Measure['unit'];
  readonly rounds: number;
  /** One for each contender. */
  readonly rows: readonly ({ readonly name: string } & Summary)[];
}

/** One ratio. */
export interface Verdict extends Ratio {
  readonly id: string;
  readonly ours: string;
  readonly peer: string;
}

/** A whole run. */
export interface Report {
  readonly measuredAt: string;
  readonly isQuick: boolean;
  readonly machine: Machine;
  /** Load of the machine before and after. */
  readonly load: readonly [number, number];
  readonly sections: readonly Section[];
  readonly verdicts: readonly Verdict[];
}

/** Sums up the samples of a measure. */
export function sectionOf({ id, title, unit }: Measure, rounds: Rounds): Section {
  const rows = [...rounds].map(([name, samples]) => ({ name, ...summarize(samples) }));
  return { id, title, unit, rounds: [...rounds.values()][0]?.length ?? 0, rows };
}

/** The ratios of a measure. */
export function verdictsOf(measure: Measure, rounds: Rounds): Verdict[] {
  return measure.comparisons.map(({ id, ours, peers, beyond }) => {
    const peer = bestOf(peers, rounds, measure.unit);
    const row = wanted.find((each) => each.id === id) as Wanted;
    const counted = (name: string, below?: string) =>
      below === undefined
        ? samplesOf(name, rounds)
        : added(samplesOf(name, rounds), samplesOf(below, rounds), measure.unit === 'calls/s');
    const pair = [counted(ours, beyond?.ours), counted(peer, beyond?.peer)] as const;
    const [of, to] = row.ratio === 'ours / peer' ? pair : ([pair[1], pair[0]] as const);
    return { id, ours, peer, ...ratioOfMedians(of, to) };
  });
}

function bestOf(names: readonly string[], rounds: Rounds, unit: Measure['unit']): string {
  const byMedian = names
    .map((name) => ({ name, p50: summarize(samplesOf(name, rounds)).p50 }))
    .sort((a, b) => (unit === 'calls/s' ? b.p50 - a.p50 : a.p50 - b.p50));
  return (byMedian[0] as { name: string }).name;
}

/** One figure for each round. */
function added(to: readonly (readonly number[])[], from: readonly (readonly number[])[], isRate: boolean): number[][] {
  return to.map((round, i) => {
    const [of, before] = [median(round), median(from[i] as readonly number[])];
    return [isRate ? of / before : of - before];
  });
}

function samplesOf(name: string, rounds: Rounds): readonly (readonly number[])[] {
  const samples = rounds.get(name);
  if (samples === undefined) throw new Error(`nobody measured ${name}`);
  return samples;
}
