/** Executions whose worker was lost: each still gets its one end, made here since nobody else is left to say it. */
import { create } from '@bufbuild/protobuf';
import { timestampNow } from '@bufbuild/protobuf/wkt';
import { BeepError } from '../errors.ts';
import {
  DroppedSchema,
  type ExecutionEvent,
  ExecutionEventSchema,
  type ExecutionInfo,
  ExecutionInfoSchema,
  type ExecutionResult,
  ExecutionResultSchema,
  ExecutionState,
  type Finished,
  FinishedSchema,
  Outcome,
} from '../gen/es/beep/python/v1/execute_pb.ts';

/** What is known of executions that were under way when their worker went. */
export interface LostExecutions {
  /** Remembers one, and how it ended. `lastSeq` is the last event that its caller got. */
  add(principal: string, execution: Lost, cause: BeepError): LostExecution;
  find(principal: string, executionId: string): LostExecution | undefined;
}

/** An execution that was under way; who only watches does not know its session. */
export interface Lost {
  readonly executionId: string;
  readonly sessionId?: string;
  readonly lastSeq: bigint;
}

/** One such execution. */
export interface LostExecution {
  readonly lastSeq: bigint;
  readonly sessionId: string;
  /** What is left to say to a reader who has all before this number: the end, and before it that others got more. */
  eventsFrom(seq: bigint): ExecutionEvent[];
  result(): ExecutionResult;
  info(): ExecutionInfo;
}

const maxKept = 10_000;

/** Whether a call failed since its worker went. */
export function isWorkerLost(error: unknown): error is BeepError {
  return error instanceof BeepError && error.reason === 'WORKER_LOST';
}

/** None yet. */
export function createLostExecutions(): LostExecutions {
  const lost = new Map<string, LostExecution>();
  return {
    add(principal, { executionId, sessionId, lastSeq }, cause) {
      const known = lost.get(`${principal}\0${executionId}`);
      if (known !== undefined && known.lastSeq >= lastSeq && (known.sessionId || !sessionId)) return known;
      const last = known !== undefined && known.lastSeq > lastSeq ? known.lastSeq : lastSeq;
      const execution = describe(executionId, sessionId || known?.sessionId || '', last, cause);
      lost.set(`${principal}\0${executionId}`, execution);
      if (lost.size > maxKept) lost.delete(lost.keys().next().value as string);
      return execution;
    },
    find: (principal, executionId) => lost.get(`${principal}\0${executionId}`),
  };
}

function describe(executionId: string, sessionId: string, lastSeq: bigint, cause: BeepError): LostExecution {
  const time = timestampNow();
  const seq = lastSeq + 1n;
  const finished: Finished = create(FinishedSchema, {
    outcome: Outcome.WORKER_LOST,
    statePreserved: false,
    message: cause.message,
    usage: {},
  });
  const event = (number: bigint, body: ExecutionEvent['body']) =>
    create(ExecutionEventSchema, { executionId, seq: number, time, body });
  const result = () => create(ExecutionResultSchema, { executionId, sessionId, finished, lastSeq: seq });
  return {
    lastSeq,
    sessionId,
    result,
    eventsFrom(from) {
      if (from > seq) return [];
      const end = event(seq, { case: 'finished', value: finished });
      if (from === seq) return [end];
      const reason = 'the worker that had these events was lost';
      const gone = create(DroppedSchema, { firstSeq: from, lastSeq, reason });
      return [event(lastSeq, { case: 'dropped', value: gone }), end];
    },
    info: () =>
      create(ExecutionInfoSchema, {
        executionId,
        sessionId,
        state: ExecutionState.FINISHED,
        firstSeq: seq,
        nextSeq: seq + 1n,
        finishedAt: time,
        outcome: Outcome.WORKER_LOST,
        result: result(),
      }),
  };
}
