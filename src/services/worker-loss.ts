/** Executions whose worker was lost: each still gets its one end, made here since nobody else is left to say it. */
import { create, fromBinary } from '@bufbuild/protobuf';
import { type Timestamp, timestampNow } from '@bufbuild/protobuf/wkt';
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
  /** All of a principal's that were lost a short while ago, as in lists. */
  of(principal: string): ExecutionInfo[];
}

/** An execution that was under way; who only watches does not know its session. */
export interface Lost {
  readonly executionId: string;
  readonly sessionId?: string;
  /** Of the session, where it is known. */
  readonly generation?: number;
  readonly lastSeq: bigint;
  /** Where that is known. */
  readonly acceptedAt?: Timestamp;
}

/** One such execution. */
export interface LostExecution {
  readonly lastSeq: bigint;
  readonly acceptedAt: Timestamp;
  readonly sessionId: string;
  readonly generation: number;
  /** What is left to say to a reader who has all before this number: the end, and before it that others got more. */
  eventsFrom(seq: bigint): ExecutionEvent[];
  result(): ExecutionResult;
  info(): ExecutionInfo;
}

const maxKept = 10_000;

// As long as logs are kept.
const listedSeconds = 600n;

// Whoever calls again runs the code again: it may have begun.
const workerLost = 'the worker was lost before the execution ended; look at what it did before you run it again';
const shutDown = 'the gateway was shut down before the execution ended; look at what it did before you run it again';

/** Whether a call failed since its worker went, by itself or with the gateway. */
export function isWorkerLost(error: unknown): error is BeepError {
  return error instanceof BeepError && (error.reason === 'WORKER_LOST' || error.reason === 'DRAINING');
}

/** Session and generation of an execution, as its first event tells them. */
export function placeOf(body: Uint8Array | undefined): Pick<Lost, 'sessionId' | 'generation'> {
  if (body === undefined) return {};
  const event = fromBinary(ExecutionEventSchema, body).body;
  return event.case === 'accepted' ? { sessionId: event.value.sessionId, generation: event.value.generation } : {};
}

/** None yet. */
export function createLostExecutions(): LostExecutions {
  const lost = new Map<string, LostExecution>();
  return {
    add(principal, { executionId, sessionId, generation, lastSeq, acceptedAt }, cause) {
      const known = lost.get(`${principal}\0${executionId}`);
      if (known !== undefined && known.lastSeq >= lastSeq && (known.generation || !generation)) return known;
      const last = known !== undefined && known.lastSeq > lastSeq ? known.lastSeq : lastSeq;
      const execution = describe(
        {
          executionId,
          sessionId: sessionId || known?.sessionId || '',
          generation: generation || known?.generation || 0,
          lastSeq: last,
          acceptedAt: acceptedAt ?? known?.acceptedAt ?? timestampNow(),
        },
        cause,
      );
      lost.set(`${principal}\0${executionId}`, execution);
      if (lost.size > maxKept) lost.delete(lost.keys().next().value as string);
      return execution;
    },
    find: (principal, executionId) => lost.get(`${principal}\0${executionId}`),
    of(principal) {
      const since = timestampNow().seconds - listedSeconds;
      return [...lost]
        .filter(([key]) => key.startsWith(`${principal}\0`))
        .map(([, execution]) => ({ ...execution.info(), result: undefined }))
        .filter(({ finishedAt }) => finishedAt !== undefined && finishedAt.seconds >= since);
    },
  };
}

function describe(lost: Required<Lost>, cause: BeepError): LostExecution {
  const { executionId, sessionId, generation, lastSeq, acceptedAt } = lost;
  const time = timestampNow();
  const seq = lastSeq + 1n;
  const finished: Finished = create(FinishedSchema, {
    outcome: Outcome.WORKER_LOST,
    statePreserved: false,
    generation,
    message: cause.reason === 'DRAINING' ? shutDown : workerLost,
    usage: {},
  });
  const event = (number: bigint, body: ExecutionEvent['body']) =>
    create(ExecutionEventSchema, { executionId, seq: number, time, body });
  const result = () => create(ExecutionResultSchema, { executionId, sessionId, finished, lastSeq: seq });
  return {
    lastSeq,
    acceptedAt,
    sessionId,
    generation,
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
        acceptedAt,
        finishedAt: time,
        outcome: Outcome.WORKER_LOST,
        result: result(),
      }),
  };
}
