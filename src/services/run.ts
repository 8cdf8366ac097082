/** Run and Execute: code into a session, and what comes of it back to the caller. */
import { randomUUID } from 'node:crypto';
import { create, fromBinary } from '@bufbuild/protobuf';
import { timestampNow } from '@bufbuild/protobuf/wkt';
import { type Call, Encoded, type Incoming, type Outgoing } from '../call.ts';
import { BeepError, errors } from '../errors.ts';
import {
  type ExecuteRequest,
  ExecuteRequestSchema,
  ExecutionEventSchema,
  ExecutionInfoSchema,
  ExecutionResultSchema,
  OnDisconnect,
} from '../gen/es/beep/python/v1/execute_pb.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import type { Item } from '../workers/attachment.ts';
import type { WorkerLink } from '../workers/link.ts';
import type { Claims, Place } from './claims.ts';
import type { DetachedExecutions } from './detached.ts';
import { defaultSession, describeSession, type SessionDefaults } from './locate.ts';
import { stableBytes } from './stable-bytes.ts';
import { isWorkerLost, type LostExecution, type LostExecutions } from './worker-loss.ts';

/** What running code needs. */
export interface RunOptions {
  readonly directory: SessionDirectory;
  readonly defaults: SessionDefaults;
  readonly claims: Claims;
  readonly lost: LostExecutions;
  readonly detached: DetachedExecutions;
}

/** An execution that was left to itself. */
export interface Submitted {
  readonly executionId: string;
  readonly sessionId: string;
}

type Request = Incoming<typeof ExecuteRequestSchema>;

/** Makes the two methods. */
export function createRun({ directory, defaults, claims, lost, detached }: RunOptions) {
  const locate = async (message: ExecuteRequest, principal: string): Promise<Place> => {
    if (message.where.case === 'fresh') {
      const { sessionId, attachment } = directory.openFresh(
        await describeSession(principal, message.where.value, defaults),
      );
      return { sessionId, attachment, link: directory.link(principal, sessionId) };
    }
    const sessionId = message.where.value || (await defaultSession(principal, directory, defaults));
    return {
      sessionId,
      attachment: directory.attachment(principal, sessionId),
      link: directory.link(principal, sessionId),
    };
  };
  /** Its place now; without an attachment it went there earlier, and is known by its id alone. */
  const place = async (id: string, { message }: Request, body: Uint8Array, call: Call): Promise<Place> => {
    // Where nobody waits for the end, the id is all that is left of it.
    const isKept = message.executionId !== '' || message.onDisconnect === OnDisconnect.DETACH;
    if (!isKept) return await locate(message, call.principal);
    let isNew = false;
    const { sessionId, attachment, link } = await claims.place(call.principal, id, body, () => {
      isNew = true;
      return locate(message, call.principal);
    });
    return { sessionId, link, attachment: isNew || attachment?.hasEnded === false ? attachment : undefined };
  };
  /** One of earlier whose worker went: either it went with it, or it had ended, and how went with its log. */
  const lostEarlier = (id: string, { principal }: Call, error: BeepError): LostExecution => {
    const known = lost.find(principal, id);
    if (known !== undefined) return known;
    throw error.reason === 'WORKER_LOST' ? errors.logExpired(id, 'its worker was lost') : error;
  };
  /** An id whose execution never got its place may be used again. */
  const onFailure = (id: string, call: Call, error: unknown) => {
    const isRefusal = error instanceof BeepError && !keepsItsPlace.has(error.reason);
    if (isRefusal) claims.release(call.principal, id);
  };

  const itemOf = (id: string, { message }: Request, body: Uint8Array, { principal }: Call, sessionId: string): Item => {
    if (message.onDisconnect !== OnDisconnect.DETACH) return { id, body };
    const acceptedAt = timestampNow();
    return {
      id,
      body,
      onDetached(ended) {
        const generation = directory.generation(sessionId);
        detached.add(principal, { executionId: id, sessionId, generation, acceptedAt }, ended);
      },
    };
  };

  return {
    async run(request: Request, call: Call): Promise<Outgoing<typeof ExecutionResultSchema>> {
      const id = request.message.executionId || newExecutionId();
      const body = bodyOf(request);
      const { sessionId, attachment, link } = await place(id, request, body, call);
      try {
        if (attachment === undefined) return await resultOfPast(link, call, id);
        const result = await attachment.result(itemOf(id, request, body, call, sessionId), call);
        return new Encoded(ExecutionResultSchema, result);
      } catch (error) {
        if (isWorkerLost(error)) {
          if (attachment === undefined) return lostEarlier(id, call, error).result();
          const generation = directory.generation(sessionId);
          return lost.add(call.principal, { executionId: id, sessionId, generation, lastSeq: 0n }, error).result();
        }
        onFailure(id, call, error);
        throw error;
      } finally {
        if (request.message.where.case === 'fresh') attachment?.close();
      }
    },
    async *execute(request: Request, call: Call): AsyncGenerator<Outgoing<typeof ExecutionEventSchema>> {
      const id = request.message.executionId || newExecutionId();
      const body = bodyOf(request);
      const { sessionId, attachment, link } = await place(id, request, body, call);
      let lastSeq = 0n;
      try {
        const events =
          attachment === undefined
            ? link.readEvents({ principal: call.principal, executionId: id, fromSeq: 1n }, call.signal)
            : attachment.events(itemOf(id, request, body, call, sessionId), call);
        for await (const { seq, body, release } of events) {
          if (seq > lastSeq) lastSeq = seq;
          yield new Encoded(ExecutionEventSchema, body, release);
        }
      } catch (error) {
        if (isWorkerLost(error) && attachment === undefined && lastSeq === 0n) {
          yield* lostEarlier(id, call, error).eventsFrom(1n);
          return;
        }
        // What had its place ends here, once; so does what may have had it under an id that is never run again.
        if (isWorkerLost(error) && (lastSeq > 0n || request.message.executionId !== '')) {
          const generation = directory.generation(sessionId);
          yield* lost
            .add(call.principal, { executionId: id, sessionId, generation, lastSeq }, error)
            .eventsFrom(lastSeq + 1n);
          return;
        }
        if (lastSeq === 0n) onFailure(id, call, error);
        throw error;
      } finally {
        detached.seen(call.principal, id, lastSeq);
        if (request.message.where.case === 'fresh') attachment?.close();
      }
    },
    /** Gives an execution its place and leaves it to itself: what it does is read by its id. */
    async submit(request: Request, call: Call): Promise<Submitted> {
      const id = request.message.executionId || newExecutionId();
      const body = bodyOf(request);
      const { sessionId, attachment } = await place(id, request, body, call);
      try {
        await attachment?.submit(itemOf(id, request, body, call, sessionId));
        return { executionId: id, sessionId };
      } catch (error) {
        onFailure(id, call, error);
        throw error;
      } finally {
        if (request.message.where.case === 'fresh') attachment?.close();
      }
    },
  };
}

/** By its bytes a retry is told from another request, here and in the worker. */
function bodyOf(request: Request): Uint8Array {
  return request.message.executionId === '' ? request.toBytes() : stableBytes(ExecuteRequestSchema, request);
}

/** A retry after the end of the execution's own session: its log still has the answer. */
async function resultOfPast(link: WorkerLink, call: Call, executionId: string) {
  const waitMs = 2 ** 31 - 1;
  const info = fromBinary(
    ExecutionInfoSchema,
    await link.getExecution({ principal: call.principal, executionId, waitMs }, call.signal),
  );
  return info.result ?? create(ExecutionResultSchema, { executionId });
}

const keepsItsPlace = new Set([
  'WORKER_LOST',
  'DRAINING',
  'CANCELLED',
  'DEADLINE_EXCEEDED',
  'LOG_EXPIRED',
  'EXECUTION_ID_REUSED',
]);

function newExecutionId(): string {
  return randomUUID(); // made ahead in batches: a few nanoseconds each
}
