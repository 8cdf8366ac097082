/** Converse: batches on one stream, many under way at once, each answered under the caller's number. */
import { create } from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { type Call, Encoded, type Incoming, type Outgoing } from '../call.ts';
import { errors, toBeepError } from '../errors.ts';
import { ErrorReason } from '../gen/es/beep/python/v1/error_pb.ts';
import {
  ApplyRequestSchema,
  type ConverseBatch,
  ConverseBatchSchema,
  ConverseRequestSchema,
  ConverseResponseSchema,
  OperationFailureSchema,
} from '../gen/es/beep/python/v1/object_pb.ts';

type Answer = Outgoing<typeof ConverseResponseSchema>;

/** A batch on its way. */
export interface RunningBatch {
  readonly id: string;
  readonly sessionId: string;
  /** A `beep.python.v1.ApplyResponse`. */
  readonly response: Promise<Uint8Array>;
}

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
  ): AsyncGenerator<Answer> {
    const running = new Map<number, Promise<RunningBatch>>();
    /** What was asked last of each session: answers keep that order. */
    const last = new Map<string, Promise<void>>();
    const answers: Answer[] = [];
    let wake = Promise.withResolvers<void>();
    let room = Promise.withResolvers<void>();
    let isRead = false;
    let failure: unknown;

    const answer = (id: number, response: Answer) => {
      running.delete(id);
      answers.push(response);
      wake.resolve();
    };
    const run = ({ id, request = create(ApplyRequestSchema) }: ConverseBatch, toBytes: () => Uint8Array) => {
      if (running.has(id)) throw errors.invalidArgument(`batch.id: ${id} runs or waits already on this stream`);
      const batch = begin({ message: request, toBytes }, call.principal, call);
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
      for await (const incoming of requests) {
        const { message } = incoming.message;
        if (message.case === 'batch') run(message.value, () => requestIn(incoming.toBytes()));
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

/** The message around a response that a worker has made, without a look into it. */
function responseOf(id: number, body: Uint8Array): Answer {
  const { id: idField, response } = ConverseResponseSchema.field;
  const writer = new BinaryWriter().tag(idField.number, WireType.Varint).uint32(id);
  writer.tag(response.number, WireType.LengthDelimited).bytes(body);
  return new Encoded(ConverseResponseSchema, writer.finish());
}

/** The bytes of the `ApplyRequest` in a `ConverseRequest`, as the caller has written them. */
function requestIn(bytes: Uint8Array): Uint8Array {
  const batch = fieldIn(bytes, ConverseRequestSchema.field.batch.number);
  return fieldIn(batch, ConverseBatchSchema.field.request.number);
}

/** A field that holds a message; where it is there several times, they are parts of one. */
function fieldIn(bytes: Uint8Array, wanted: number): Uint8Array {
  const reader = new BinaryReader(bytes);
  const parts: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (number === wanted && wireType === WireType.LengthDelimited) parts.push(reader.bytes());
    else reader.skip(wireType, number);
  }
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
}

function refusalOf(id: number, cause: unknown): Answer {
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
