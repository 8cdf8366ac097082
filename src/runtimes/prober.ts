/** Asks interpreters what they are, a few at once, and remembers the answers for as long as the files do not change. */
import type { KeptAnswers } from './answers.ts';
import type { Candidate } from './candidates.ts';
import { type Probe, type ProbedRuntime, probeRuntime } from './probe.ts';

/** Asks interpreters. */
export interface Prober {
  /** The remembered answer, or a new one. */
  probe(candidate: Candidate): Promise<Probe>;
  /** Those of all, with one line of work for each processor; what hangs takes no line from the others. */
  probeAll<T>(candidates: readonly Candidate[], made: (candidate: Candidate, probe: Probe) => T): Promise<T[]>;
  /** Asks again, whatever is remembered. */
  probeAgain(candidate: Candidate): Promise<Probe>;
}

interface Remembered {
  readonly stamp: string;
  readonly probe: Promise<Probe>;
  /** Asked again from then on: what was missing may be there now. */
  validUntil: number;
}

const probedAtOnce = 4;
/** One that has not answered by then waits for something, and needs no processor. */
const slowMs = 500;
const unusableValidMs = 30_000;
const hungValidMs = 10 * 60_000;

/** Makes a prober that knows what was kept. */
export function createProber(env: Readonly<NodeJS.ProcessEnv>, kept?: KeptAnswers): Prober {
  const known = new Map<string, Remembered>();

  const isWhole = (answer: Probe): answer is ProbedRuntime =>
    !('problem' in answer) && answer.missingModules.length === 0;
  const askNow = async ({ path, stamp }: Candidate): Promise<Probe> => {
    const answer = await probeRuntime(path, env);
    if (isWhole(answer)) kept?.put(path, stamp, answer);
    return answer;
  };
  const ask = (candidate: Candidate, again = false): Promise<Probe> => {
    const { path, stamp } = candidate;
    const before = again ? undefined : kept?.get(path, stamp);
    const probe = before?.then((answer) => answer ?? askNow(candidate)) ?? askNow(candidate);
    const entry: Remembered = { stamp: candidate.stamp, probe, validUntil: Number.POSITIVE_INFINITY };
    known.set(candidate.path, entry);
    void probe.then((answer) => {
      const hung = 'problem' in answer && answer.hung;
      if (!isWhole(answer)) entry.validUntil = performance.now() + (hung ? hungValidMs : unusableValidMs);
    });
    return probe;
  };
  const remembered = ({ path, stamp }: Candidate): Promise<Probe> | undefined => {
    const entry = known.get(path);
    return entry?.stamp === stamp && performance.now() < entry.validUntil ? entry.probe : undefined;
  };
  const probe = async (candidate: Candidate): Promise<Probe> => {
    if (candidate.problem !== undefined) return { problem: candidate.problem, hung: false };
    return await (remembered(candidate) ?? ask(candidate));
  };

  return {
    probe,
    async probeAll(candidates, made) {
      const probes: Promise<Probe>[] = [];
      let next = 0;
      const line = async () => {
        while (next < candidates.length) {
          const index = next++;
          const answer = probe(candidates[index] as Candidate);
          probes[index] = answer;
          await Promise.race([answer, slow()]);
        }
      };
      await Promise.all(Array.from({ length: probedAtOnce }, line));
      const answers = await Promise.all(probes);
      await kept?.save();
      return candidates.map((candidate, index) => made(candidate, answers[index] as Probe));
    },
    probeAgain: async (candidate) =>
      candidate.problem === undefined ? await ask(candidate, true) : { problem: candidate.problem, hung: false },
  };
}

function slow(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, slowMs).unref());
}
