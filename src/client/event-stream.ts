/** The messages of one execution from a number on: a connection that breaks on the way is no end, and no event comes twice. */
import type { ExecutionEvent } from '../gen/es/beep/python/v1/execute_pb.ts';
import { BeepError, hasReason, isLost, toBeepError } from './beep-error.ts';
import type { Link } from './link.ts';
import { createPatience } from './persistence.ts';

/** One try to read. */
type Open = (signal: AbortSignal) => AsyncIterable<ExecutionEvent>;

/** What a stream is made of. */
export interface EventStreamOptions {
  readonly link: Link;
  readonly executionId: string;
  /** The first event wanted. */
  readonly fromSeq: bigint;
  /** Begins the execution, and reads it from its first event; made again, it joins. Without it the execution is there. */
  readonly begin: Open | undefined;
  /** Whether a broken connection is gone on from; otherwise it ends the execution, and this. */
  readonly reattaches: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Heartbeats come every 15 seconds; a connection that says nothing for so long is dead, whatever it looks like. */
const silenceMs = 45_000;

/** The events of an execution, to be read once. */
export interface EventStream {
  /** Ends with the signal's reason when it is aborted. The connection is there until `leave`. */
  readonly events: AsyncGenerator<ExecutionEvent, void, undefined>;
  /** The first connection has said something, or broke. */
  readonly begun: Promise<unknown>;
  /** Lets the connection go. */
  leave(): void;
}

/** Opens the stream at once, and reads as it is read. */
export function openEventStream(options: EventStreamOptions): EventStream {
  const { link, executionId, fromSeq, begin, reattaches, signal } = options;
  let seen = fromSeq > 0n ? fromSeq - 1n : 0n;
  const watch: Open = (signal) => link.services.execute.watchExecution({ executionId, fromSeq: seen + 1n }, { signal });
  let current = attempt(begin ?? watch);
  const begun = current.next.catch(() => {});

  async function* read(): AsyncGenerator<ExecutionEvent, void, undefined> {
    const patience = createPatience(link);
    const abortion = abortionOf(signal);
    try {
      for (;;) {
        try {
          signal?.throwIfAborted();
          for (;;) {
            const { done, value } = await heard(current, abortion.promise);
            if (done) break;
            patience.renew();
            // A heartbeat, or the beginning of an execution that was joined.
            const isNew = value.seq > seen;
            if (isNew) {
              seen = value.seq;
              yield value;
              if (value.body.case === 'finished') return;
            }
            current.next = current.events.next();
            current.next.catch(() => {}); // whoever reads hears of it; nobody may
          }
          throw new BeepError('CONNECTION_LOST', `the events of ${executionId} broke off after number ${seen}`);
        } catch (thrown) {
          signal?.throwIfAborted();
          link.check();
          const error = toBeepError(thrown);
          const isBehind = hasReason(error, 'READER_TOO_SLOW');
          if (!isBehind && !(isLost(error) && reattaches)) throw error;
          current.leave.abort();
          if (!isBehind) await patience.wait(error, signal);
        }
        current = attempt(seen === 0n && begin !== undefined ? begin : watch);
      }
    } finally {
      abortion.forget();
    }
  }
  return { events: read(), begun, leave: () => current.leave.abort() };
}

interface Attempt {
  readonly events: AsyncIterator<ExecutionEvent>;
  /** The next of them, asked for already: for the first, that is what sends the call. */
  next: Promise<IteratorResult<ExecutionEvent>>;
  readonly leave: AbortController;
}

function attempt(open: Open): Attempt {
  const leave = new AbortController();
  const events = open(leave.signal)[Symbol.asyncIterator]();
  const next = events.next();
  next.catch(() => {});
  return { events, next, leave };
}

/** What ends a wait when a signal is aborted. */
function abortionOf(signal: AbortSignal | undefined): { promise: Promise<never> | undefined; forget(): void } {
  if (signal === undefined) return { promise: undefined, forget() {} };
  let abort = () => {};
  const promise = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
  });
  promise.catch(() => {});
  signal.addEventListener('abort', abort, { once: true });
  return { promise, forget: () => signal.removeEventListener('abort', abort) };
}

/** The next event of a connection, or its loss when nothing comes. */
async function heard(
  { next, leave }: Attempt,
  abortion: Promise<never> | undefined,
): Promise<IteratorResult<ExecutionEvent>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new BeepError('CONNECTION_LOST', `nothing came for ${silenceMs} ms`));
      leave.abort();
    }, silenceMs);
  });
  try {
    return await Promise.race(abortion === undefined ? [next, silence] : [next, silence, abortion]);
  } finally {
    clearTimeout(timer);
  }
}
