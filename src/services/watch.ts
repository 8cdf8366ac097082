/** WatchExecution and GetExecution: an execution seen by its id, while it runs and as long as its log is kept. */
import { type Call, Encoded, type Incoming, type Outgoing } from '../call.ts';
import {
  ExecutionEventSchema,
  ExecutionInfoSchema,
  type GetExecutionRequestSchema,
  type WatchExecutionRequestSchema,
} from '../gen/es/beep/python/v1/execute_pb.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import type { EventEnvelope } from '../workers/event-queue.ts';
import type { Claims } from './claims.ts';
import type { DetachedExecutions } from './detached.ts';
import { askWorkers, explainMissing, isNotFound } from './executions-by-id.ts';
import { millisecondsOf } from './locate.ts';
import { isWorkerLost, type LostExecutions, placeOf } from './worker-loss.ts';

/** What looking at executions needs. */
export interface WatchOptions {
  readonly directory: SessionDirectory;
  readonly claims: Claims;
  readonly lost: LostExecutions;
  readonly detached: DetachedExecutions;
}

/** Makes the two methods. */
export function createWatch({ directory, claims, lost, detached }: WatchOptions) {
  return {
    async *watchExecution(
      { message }: Incoming<typeof WatchExecutionRequestSchema>,
      call: Call,
    ): AsyncGenerator<Outgoing<typeof ExecutionEventSchema>> {
      const { executionId } = message;
      const { principal, signal } = call;
      let nextSeq = message.fromSeq > 1n ? message.fromSeq : 1n;
      let hasBegun = false;
      let accepted: Uint8Array | undefined;
      try {
        const { first, rest } = await askWorkers(directory, executionId, async (link) => {
          const events = link.readEvents({ principal, executionId, fromSeq: nextSeq }, signal);
          return { first: await events.next(), rest: events };
        });
        for await (const { seq, body } of joined(first, rest)) {
          if (seq >= nextSeq) nextSeq = seq + 1n;
          hasBegun = true;
          if (seq === 1n) accepted = body;
          yield new Encoded(ExecutionEventSchema, body);
        }
      } catch (error) {
        const known = lost.find(principal, executionId);
        if (known !== undefined && (isNotFound(error) || isWorkerLost(error))) {
          yield* known.eventsFrom(nextSeq);
          return;
        }
        if (isWorkerLost(error) && hasBegun) {
          const execution = { executionId, ...placeOf(accepted), lastSeq: nextSeq - 1n };
          yield* lost.add(principal, execution, error).eventsFrom(nextSeq);
          return;
        }
        throw explainMissing(error, { claims, directory }, principal, executionId);
      } finally {
        detached.seen(principal, executionId, nextSeq - 1n);
      }
    },
    async getExecution(
      { message }: Incoming<typeof GetExecutionRequestSchema>,
      call: Call,
    ): Promise<Outgoing<typeof ExecutionInfoSchema>> {
      const { executionId, wait } = message;
      const { principal, signal } = call;
      const waitMs = wait === undefined ? 0 : Math.min(Math.ceil(millisecondsOf(wait)), 2 ** 31 - 1);
      try {
        const info = await askWorkers(directory, executionId, (link) =>
          link.getExecution({ principal, executionId, waitMs }, signal),
        );
        return new Encoded(ExecutionInfoSchema, info);
      } catch (error) {
        const known = lost.find(principal, executionId);
        if (known !== undefined && (isNotFound(error) || isWorkerLost(error))) return known.info();
        throw explainMissing(error, { claims, directory }, principal, executionId);
      }
    },
  };
}

async function* joined(
  first: IteratorResult<EventEnvelope>,
  rest: AsyncGenerator<EventEnvelope>,
): AsyncGenerator<EventEnvelope> {
  try {
    if (!first.done) yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
