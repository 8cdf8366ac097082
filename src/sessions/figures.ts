/** Figures of the workers, gathered for those who ask. */
import type { StatsResponse } from '../gen/worker/beep/python/worker/v1/worker.ts';
import type { WorkerPool, WorkerState } from '../workers/pool.ts';

/** One worker's place. */
export interface WorkerFigures {
  readonly id: string;
  readonly pid: number | undefined;
  readonly state: WorkerState;
  readonly startedAt: Date | undefined;
  readonly restarts: number;
  readonly lastError: string;
}

/** What the workers are and do. */
export interface HostFigures {
  workers(): WorkerFigures[];
  /** Of the workers that are there; one that goes meanwhile is left out. */
  stats(): Promise<{ workerId: string; stats: StatsResponse }[]>;
  /** What sessions can be held to on this machine, and what is missing. */
  mechanisms(): readonly string[];
}

/** Figures of a pool. */
export function createFigures(pool: WorkerPool): HostFigures {
  return {
    workers: () => pool.slots.map(pickFigures),
    mechanisms: () => pool.slots.find(({ mechanisms }) => mechanisms.length > 0)?.mechanisms ?? [],
    async stats() {
      const ready = pool.slots.filter((slot) => slot.state === 'ready');
      const answers = await Promise.allSettled(
        ready.map(async (slot) => ({ workerId: slot.workerId, stats: await slot.link().stats() })),
      );
      return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    },
  };
}

function pickFigures(slot: WorkerPool['slots'][number]): WorkerFigures {
  const { workerId, pid, state, startedAt, restarts, lastError } = slot;
  return { id: workerId, pid, state, startedAt, restarts, lastError };
}
