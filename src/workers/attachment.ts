/** One `Attach` stream: items of many callers into one session, events and results back to each of them. */
import type { Call } from '../call.ts';
import type { BeepError } from '../errors.ts';
import { errors } from '../errors.ts';
import {
  Delivery,
  type Downward,
  EnvelopeKind,
  ItemKind,
  type Upward,
} from '../gen/worker/beep/python/worker/v1/worker.ts';
import { createEventQueue, type EventEnvelope } from './event-queue.ts';
import { fromRefusal } from './refusal.ts';
import type { Wire } from './wire.ts';

const kinds = {
  execution: ItemKind.ITEM_KIND_EXECUTION,
  batch: ItemKind.ITEM_KIND_BATCH,
  release: ItemKind.ITEM_KIND_RELEASE,
  original: ItemKind.ITEM_KIND_ORIGINAL,
} as const;

/** What to run. */
export interface Item {
  /** Default: an execution. */
  readonly kind?: keyof typeof kinds;
  readonly id: string;
  /** A `beep.python.v1` ExecuteRequest, ApplyRequest or ReleaseHandlesRequest, or an OriginalRequest, as the kind says. */
  readonly body: Uint8Array;
  /**
   * It goes on when nobody waits for it any more; then this is called. The promise resolves when it has ended, and
   * rejects when its end was not heard of.
   */
  readonly onDetached?: (ended: Promise<void>) => void;
}

/** Whoever waits for an item. */
export type Caller = Pick<Call, 'onAbort'>;

/** Items into one session. A caller whose call is aborted has gone: its item is cancelled unless it asked to go on. */
export interface Attachment {
  /** The session that was opened on this stream, a `beep.python.v1.Session`; throws what refused it. */
  readonly opened: Promise<Uint8Array>;
  /** All that came of an item: a `beep.python.v1` ExecutionResult, ApplyResponse or ReleaseHandlesResponse, or an OriginalResponse. */
  result(item: Item, caller: Caller): Promise<Uint8Array>;
  /** What happens, as it happens. The worker sends no more than the reader takes. */
  events(item: Item, caller: Caller): AsyncGenerator<EventEnvelope>;
  /** Resolves when the item has its place; then nobody waits for it. */
  submit(item: Item): Promise<void>;
  /** Whether the stream has ended, so that another is needed. */
  readonly hasEnded: boolean;
  /** Resolves when nothing more can come: whoever remembers the attachment longer keeps its stream's memory. */
  readonly whenEnded: Promise<void>;
  /** No further item; ends the stream once those under way have ended. */
  close(): void;
}

/** One item under way. */
interface Sink {
  take(kind: EnvelopeKind, seq: bigint, body: Uint8Array, release?: () => void): void;
  fail(error: BeepError): void;
}

/** Bytes of events that may be under way to one reader. */
const windowBytes = 512 * 1024;

/** Begins with the session to attach to, or to open; `explain` may know better why the stream ended. */
export function createAttachment(
  wire: Wire,
  first: NonNullable<Downward['body']>,
  explain: (error: BeepError) => BeepError,
): Attachment {
  const sinks = new Map<number, Sink>();
  const opened = Promise.withResolvers<Uint8Array>();
  const over = Promise.withResolvers<void>();
  opened.promise.catch(() => {}); // whoever wants to know awaits it; nobody must
  let lastNumber = 0;
  let waiting: Downward[] = [];
  let isWriting = false;
  /** Makes the error: most streams end when nobody minds. */
  let ended: (() => BeepError) | undefined;
  let isOpened = first.$case === 'sessionId';
  let isClosing = false;

  // What comes while a message is on its way out goes together in the next one.
  const flush = () => {
    isWriting = waiting.length > 0;
    if (!isWriting) {
      if (isClosing && sinks.size === 0) wire.end();
      return;
    }
    const items = waiting;
    waiting = [];
    wire.send({ items }, flush);
  };
  const send = (body: NonNullable<Downward['body']>) => {
    if (ended !== undefined) return;
    waiting.push({ body });
    if (!isWriting) flush();
  };
  const end = (why: () => BeepError) => {
    if (ended !== undefined) return;
    ended = () => explain(why());
    over.resolve();
    if (isOpened && sinks.size === 0) return;
    const error = ended();
    opened.reject(error);
    for (const sink of sinks.values()) sink.fail(error);
    sinks.clear();
  };
  const forget = (number: number) => {
    sinks.delete(number);
    if (isClosing && sinks.size === 0 && !isWriting) wire.end();
  };
  const submit = (item: Item, delivery: Delivery, sink: Sink): number => {
    if (ended !== undefined) throw ended();
    const number = ++lastNumber;
    sinks.set(number, sink);
    send({
      $case: 'submission',
      value: {
        number,
        kind: kinds[item.kind ?? 'execution'],
        itemId: item.id,
        body: item.body,
        delivery,
        windowBytes,
      },
    });
    return number;
  };
  /** Nobody waits for the item any more: where it goes on, its end is still heard of. */
  const leave = (number: number, { onDetached }: Item) => {
    if (onDetached === undefined) return forget(number);
    const end = Promise.withResolvers<void>();
    end.promise.catch(() => {});
    sinks.set(number, {
      take(kind) {
        if (kind === EnvelopeKind.ENVELOPE_KIND_EVENT) return;
        forget(number);
        end.resolve();
      },
      fail: end.reject,
    });
    onDetached(end.promise);
  };
  const depart = (number: number, item: Item) => {
    if (!sinks.has(number)) return;
    send({ $case: 'departure', value: { number, detach: false } });
    leave(number, item);
  };
  const take = ({ body }: Upward, release?: () => void) => {
    switch (body?.$case) {
      case 'envelope': {
        const { number, kind, seq, body: bytes } = body.value;
        sinks.get(number)?.take(kind, seq, bytes, release);
        return;
      }
      case 'opened':
        isOpened = true;
        opened.resolve(body.value);
        return;
      case 'refusal': {
        const { number, refusal } = body.value;
        const error = refusal === undefined ? errors.internal() : fromRefusal(refusal);
        if (number === 0) return end(() => error);
        sinks.get(number)?.fail(error);
        forget(number);
        return;
      }
    }
  };

  wire.listen(({ items }, release) => {
    if (items.length === 1) take(items[0] as Upward, release);
    else for (const item of items) take(item);
  }, end);
  send(first);

  return {
    opened: opened.promise,
    get hasEnded() {
      return ended !== undefined || isClosing;
    },
    whenEnded: over.promise,
    result(item, caller) {
      return new Promise<Uint8Array>((resolve, reject) => {
        let number: number | undefined;
        let hasLeft = false;
        const stopListening = caller.onAbort((reason) => {
          hasLeft = true;
          if (number !== undefined) depart(number, item);
          reject(reason);
        });
        if (hasLeft) return;
        number = submit(item, Delivery.DELIVERY_RESULT, {
          take(_kind, _seq, body) {
            forget(number as number);
            stopListening();
            resolve(body);
          },
          fail(error) {
            stopListening();
            reject(error);
          },
        });
      });
    },
    async *events(item, caller) {
      let number = 0;
      const queue = createEventQueue(windowBytes, (bytes) => send({ $case: 'grant', value: { number, bytes } }));
      let hasLeft = false;
      const stopListening = caller.onAbort((reason) => {
        hasLeft = true;
        queue.fail(reason);
      });
      try {
        if (!hasLeft) {
          number = submit(item, Delivery.DELIVERY_EVENTS, {
            take(kind, seq, body, release) {
              const isLast = kind === EnvelopeKind.ENVELOPE_KIND_FINISHED;
              if (isLast) forget(number);
              queue.put({ seq, isLast, body, release });
            },
            fail: (error) => queue.fail(error),
          });
        }
        yield* queue.events();
      } finally {
        stopListening();
        depart(number, item);
      }
    },
    submit(item) {
      return new Promise<void>((resolve, reject) => {
        const number = submit(item, Delivery.DELIVERY_ACCEPTANCE, {
          take: () => {
            leave(number, item);
            resolve();
          },
          fail: reject,
        });
      });
    },
    close() {
      isClosing = true;
      if (sinks.size === 0 && !isWriting) wire.end();
    },
  };
}
