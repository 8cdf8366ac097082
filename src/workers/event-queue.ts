/** Events between the stream that brings them and the one reader that takes them. */

/** One event on its way to a reader. */
export interface EventEnvelope {
  /** 0 for a heartbeat. */
  readonly seq: bigint;
  readonly isLast: boolean;
  /** A `beep.python.v1.ExecutionEvent`. */
  readonly body: Uint8Array;
  /** May be called, once, when nobody looks at the body any more. */
  readonly release?: (() => void) | undefined;
}

/** Puts in, takes out, and says when there is room for more. */
export interface EventQueue {
  put(event: EventEnvelope): void;
  /** What is there already is still read; then the reader is at its end. */
  end(): void;
  /** What is there already is still read; then the reader gets this. */
  fail(error: unknown): void;
  /** Ends after the last event of its execution too. */
  events(): AsyncGenerator<EventEnvelope>;
}

/** `grant` is called with the bytes that have been taken, whenever half the window has. */
export function createEventQueue(windowBytes: number, grant: (bytes: number) => void): EventQueue {
  let events: EventEnvelope[] = [];
  let failure: { error: unknown } | undefined;
  let hasEnded = false;
  let wake: (() => void) | undefined;
  let takenBytes = 0;

  const stir = () => {
    wake?.();
    wake = undefined;
  };
  return {
    put(event) {
      events.push(event);
      stir();
    },
    end() {
      hasEnded = true;
      stir();
    },
    fail(error) {
      failure ??= { error };
      stir();
    },
    async *events() {
      for (;;) {
        const batch = events;
        events = [];
        for (const event of batch) {
          yield event;
          if (event.isLast) return;
          takenBytes += event.body.length;
          if (takenBytes * 2 >= windowBytes) {
            grant(takenBytes);
            takenBytes = 0;
          }
        }
        if (events.length > 0) continue;
        if (failure !== undefined) throw failure.error;
        if (hasEnded) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
