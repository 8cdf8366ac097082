/** Takes samples from several contenders in turns, so that what else the machine does meets all of them alike. */

/** Something that is measured. */
export interface Contender {
  readonly name: string;
  /** Takes one sample: does the thing once, checks the answer, returns what the measure counts. */
  sample(): Promise<number>;
}

/** How many samples are taken. */
export interface Plan {
  readonly rounds: number;
  /** Samples of each contender in each round. */
  readonly perRound: number;
  /** Samples of each contender that do not count, before the first round. */
  readonly warmUp: number;
}

/** The samples of each contender, round by round. */
export type Rounds = ReadonlyMap<string, readonly (readonly number[])[]>;

/** Every other round goes through the contenders backwards: nobody is always the one who comes first. */
export async function alternate(contenders: readonly Contender[], plan: Plan): Promise<Rounds> {
  for (const contender of contenders) await take(contender, plan.warmUp);
  const rounds = new Map<string, number[][]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < plan.rounds; round++) {
    const order = round % 2 === 0 ? contenders : [...contenders].reverse();
    for (const contender of order) rounds.get(contender.name)?.push(await take(contender, plan.perRound));
  }
  return rounds;
}

async function take(contender: Contender, count: number): Promise<number[]> {
  const samples: number[] = [];
  for (let i = 0; i < count; i++) samples.push(await contender.sample());
  return samples;
}

/** The time that a piece of work takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
