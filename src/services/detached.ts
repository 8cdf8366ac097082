/** Executions that go on without their callers: should their worker go, nobody else would know that they had been. */
import { isWorkerLost, type Lost, type LostExecutions } from './worker-loss.ts';

/** Those that are under way. */
export interface DetachedExecutions {
  /** `ended` rejects when the worker goes before the execution has ended: it is lost then. */
  add(principal: string, execution: Omit<Lost, 'lastSeq'>, ended: Promise<void>): void;
  /** A reader has had its events up to this one. */
  seen(principal: string, executionId: string, seq: bigint): void;
}

/** None yet. */
export function createDetachedExecutions(lost: LostExecutions): DetachedExecutions {
  /** What readers have had of each. */
  const lastSeqs = new Map<string, bigint>();
  return {
    add(principal, execution, ended) {
      const key = `${principal}\0${execution.executionId}`;
      lastSeqs.set(key, lastSeqs.get(key) ?? 0n);
      ended
        .catch((error) => {
          if (isWorkerLost(error)) lost.add(principal, { ...execution, lastSeq: lastSeqs.get(key) ?? 0n }, error);
        })
        .finally(() => lastSeqs.delete(key));
    },
    seen(principal, executionId, seq) {
      const key = `${principal}\0${executionId}`;
      const last = lastSeqs.get(key);
      if (last !== undefined && last < seq) lastSeqs.set(key, seq);
    },
  };
}
