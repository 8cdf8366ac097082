/** Long work of the gateway's, such as making an environment: how far it is, and what came of it. */
import { BeepError, isLost, toBeepError } from './beep-error.ts';
import type { Link } from './link.ts';
import { createPatience } from './persistence.ts';
import type { WorkProgress } from './updates.ts';

/** What a piece of work is made of. */
export interface WorkOptions<Result> {
  readonly link: Link;
  /** Has it done. */
  readonly run: (signal: AbortSignal, tell: (progress: WorkProgress) => void) => Promise<Result>;
  /** It is the same however often it is begun: a connection that breaks is made again. */
  readonly isRepeatable: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Whoever goes through its progress. */
interface Reader {
  /** The newest that it has not been told. */
  next: WorkProgress | undefined;
  wake(): void;
}

/**
 * Work that has begun. `for await` tells how far it is, the newest only where it is read slowly; `result()` has what came
 * of it. Whoever leaves the loop before the end, or aborts the signal, gives the work up, unless others wait for it too.
 */
export class Work<Result> implements AsyncIterable<WorkProgress> {
  readonly #result: Promise<Result>;
  readonly #leave = new AbortController();
  readonly #readers = new Set<Reader>();
  #newest: WorkProgress | undefined;
  #isDone = false;

  constructor(options: WorkOptions<Result>) {
    options.link.check();
    options.signal?.throwIfAborted();
    this.#result = this.#do(options).finally(() => {
      this.#isDone = true;
      for (const reader of this.#readers) reader.wake();
    });
    this.#result.catch(() => {}); // whoever asks hears of it; nobody may
  }

  /** What came of it. Throws what went wrong, and the signal's reason when it was aborted. */
  async result(): Promise<Result> {
    return await this.#result;
  }

  /** How far it is, until it has ended. Throws what went wrong. */
  async *[Symbol.asyncIterator](): AsyncGenerator<WorkProgress, void, undefined> {
    const reader: Reader = { next: this.#newest, wake() {} };
    this.#readers.add(reader);
    let isLeft = true;
    try {
      for (;;) {
        const { next } = reader;
        reader.next = undefined;
        if (next !== undefined) yield next;
        else if (this.#isDone) break;
        else
          await new Promise<void>((wake) => {
            reader.wake = wake;
          });
      }
      isLeft = false;
      await this.#result;
    } finally {
      this.#readers.delete(reader);
      if (isLeft) this.#leave.abort(new BeepError('CANCELLED', 'the work was given up: its loop was left'));
    }
  }

  async #do({ link, run, isRepeatable, signal }: WorkOptions<Result>): Promise<Result> {
    const patience = createPatience(link);
    const leave = () => this.#leave.abort(signal?.reason);
    signal?.addEventListener('abort', leave, { once: true });
    try {
      for (;;) {
        try {
          return await run(this.#leave.signal, (progress) => {
            patience.renew();
            this.#tell(progress);
          });
        } catch (thrown) {
          this.#leave.signal.throwIfAborted();
          const error = toBeepError(thrown);
          if (!isRepeatable || !isLost(error)) throw error;
          await patience.wait(error, this.#leave.signal);
        }
      }
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  }

  #tell(progress: WorkProgress): void {
    this.#newest = progress;
    for (const reader of this.#readers) {
      reader.next = progress;
      reader.wake();
    }
  }
}
