/** Converse: batches on one stream, many under way at once, each answered under the caller's number. */
import { create, fromBinary } from '@bufbuild/protobuf';
import { type Call, type Incoming, incomingMessage, type Outgoing } from '../call.ts';
import { errors, toBeepError } from '../errors.ts';
import { ErrorReason } from '../gen/es/beep/python/v1/error_pb.ts';
import {
  ApplyRequestSchema,
  ApplyResponseSchema,
  type ConverseBatch,
  type ConverseRequestSchema,
  type ConverseResponse,
  ConverseResponseSchema,
  OperationFailureSchema,
} from '../gen/es/beep/python/v1/object_pb.ts';
import type { RunningBatch } from './objects.ts';

/** What the method needs. */
export interface ConverseOptions {
  begin(request: Incoming<typeof ApplyRequestSchema>, principal: string, call: Call): Promise<RunningBatch>;
  stop(batch: RunningBatch, call: Call): Promise<void>;
}

/** So many batches of one stream may run, wait or be unread; those behind them stay with the caller. */
const maxUnderWay = 64;

/** Makes the method. */
export function createConverse({ begin, stop }: ConverseOptions) {
  return async function* converse(
    requests: AsyncIterable<Incoming<typeof ConverseRequestSchema>>,
    call: Call,
  ): AsyncGenerator<Outgoing<typeof ConverseResponseSchema>> {
    const running = new Map<number, Promise<RunningBatch>>();
    /** What was asked last of each session: answers keep that order. */
    const last = new Map<string, Promise<void>>();
    const answers: ConverseResponse[] = [];
    let wake = Promise.withResolvers<void>();
    let room = Promise.withResolvers<void>();
    let isRead = false;
    let failure: unknown;

    const answer = (id: number, response: ConverseResponse) => {
      running.delete(id);
      answers.push(response);
      wake.resolve();
    };
    const run = ({ id, request = create(ApplyRequestSchema) }: ConverseBatch) => {
      if (running.has(id)) throw errors.invalidArgument(`batch.id: ${id} runs or waits already on this stream`);
      const batch = begin(incomingMessage(ApplyRequestSchema, request), call.principal, call);
      running.set(id, batch);
      const response = batch
        .then(async ({ response }) => responseOf(id, await response))
        .catch((error) => refusalOf(id, error));
      const before = last.get(request.sessionId);
      const done = Promise.all([response, before]).then(([told]) => {
        answer(id, told);
        if (last.get(request.sessionId) === done) last.delete(request.sessionId);
      });
      last.set(request.sessionId, done);
    };
    const cancel = (id: number) => {
      // What has ended meanwhile has been answered, or is about to be.
      running
        .get(id)
        ?.then((batch) => stop(batch, call))
        .catch(() => {});
    };
    const read = async () => {
      for await (const {
        message: { message },
      } of requests) {
        if (message.case === 'batch') run(message.value);
        else if (message.case === 'cancel') cancel(message.value.id);
        while (running.size + answers.length >= maxUnderWay && failure === undefined) {
          room = Promise.withResolvers();
          await room.promise;
        }
      }
    };
    const stopListening = call.onAbort((reason) => {
      failure = reason;
      wake.resolve();
      room.resolve();
    });
    read()
      .catch((error: unknown) => call.abort(toBeepError(error))) // and what runs on this stream ends with it
      .finally(() => {
        isRead = true;
        wake.resolve();
      });

    try {
      for (;;) {
        if (failure !== undefined) throw failure;
        const next = answers.shift();
        if (next !== undefined) {
          yield next;
          room.resolve();
        } else if (isRead && running.size === 0) {
          return;
        } else {
          wake = Promise.withResolvers();
          await wake.promise;
        }
      }
    } finally {
      stopListening();
    }
  };
}

function responseOf(id: number, body: Uint8Array): ConverseResponse {
  return create(ConverseResponseSchema, { id, response: fromBinary(ApplyResponseSchema, body) });
}

function refusalOf(id: number, cause: unknown): ConverseResponse {
  const error = toBeepError(cause);
  const reason = ErrorReason[error.reason as keyof typeof ErrorReason] ?? ErrorReason.INTERNAL;
  return create(ConverseResponseSchema, {
    id,
    failure: create(OperationFailureSchema, {
      reason,
      message: error.message,
      path: String(error.metadata.path ?? ''),
    }),
  });
}
