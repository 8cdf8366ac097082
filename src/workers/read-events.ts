/** The events of an execution for a later reader: a stream of its own, under a window that its reading opens. */
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import type { BeepError } from '../errors.ts';
import {
  EnvelopeKind,
  type ReadEventsRequest,
  type ReadEventsResponse,
  type ReadEventsStart,
} from '../gen/worker/beep/python/worker/v1/worker.ts';
import { createEventQueue, type EventEnvelope } from './event-queue.ts';
import { fromRefusal, fromStatus } from './refusal.ts';

/** Bytes of events that may be under way to one reader: what one that stops costs, here and in the worker. */
const windowBytes = 128 * 1024;

/** Past and live, to the end; `explain` may know better why the stream ended. */
export async function* readEvents(
  open: () => ClientDuplexStream<ReadEventsRequest, ReadEventsResponse>,
  from: Omit<ReadEventsStart, 'windowBytes'>,
  signal: AbortSignal,
  explain: (error: BeepError) => BeepError,
): AsyncGenerator<EventEnvelope> {
  signal.throwIfAborted();
  const stream = open();
  const send = (body: NonNullable<ReadEventsRequest['body']>) => void stream.write({ body });
  const queue = createEventQueue(windowBytes, (bytes) => send({ $case: 'grant', value: bytes }));
  stream.on('data', ({ envelopes, isLast, refusal }: ReadEventsResponse) => {
    for (const { seq, kind, body } of envelopes)
      queue.put({ seq, isLast: kind === EnvelopeKind.ENVELOPE_KIND_FINISHED, body });
    if (refusal !== undefined) queue.fail(fromRefusal(refusal));
    else if (isLast) queue.end();
  });
  stream.on('error', (error: ServiceError) => queue.fail(explain(fromStatus(error))));
  const leave = () => queue.fail(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  send({ $case: 'start', value: { ...from, windowBytes } });
  try {
    yield* queue.events();
  } finally {
    signal.removeEventListener('abort', leave);
    stream.cancel();
  }
}
