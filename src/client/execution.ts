/** One execution: its events as they happen, its result, and what can be done to it meanwhile. */
import type { ExecuteRequest } from '../gen/es/beep/python/v1/execute_pb.ts';
import { hasReason } from './beep-error.ts';
import { durationOf } from './duration.ts';
import { type StopRungName, stopRungOf } from './ending.ts';
import { type EventStream, openEventStream } from './event-stream.ts';
import { createEventReader, type ExecutionEvent } from './events.ts';
import type { CallOptions, Link } from './link.ts';
import { checked, type Names } from './option-names.ts';
import { once, persistently } from './persistence.ts';
import { type ExecutionResult, resultOf } from './result.ts';
import type { ObjectOf } from './values/json.ts';

/** What it took to stop code. */
export interface Interrupted {
  /** Undefined: it was still waiting for its turn. */
  readonly stoppedBy: StopRungName | undefined;
  /** The session's variables still exist. */
  readonly statePreserved: boolean;
}

/** How an interrupt differs. */
export interface InterruptOptions extends CallOptions {
  /** How long the code may take to give in before its process is killed. */
  readonly graceMs?: number;
  /** Kill its process at once; the variables are lost. */
  readonly kill?: boolean;
}

export const interruptNames: Names<InterruptOptions> = { signal: true, graceMs: true, kill: true };

/** Input for code that asks. */
export interface InputOptions extends CallOptions {
  /** Answers this `inputRequest`, which must be the open one; left out: whatever the code reads next. */
  readonly requestId?: number;
  /** Nothing comes after it. */
  readonly endOfFile?: boolean;
}

/** How an execution is joined that began elsewhere. */
export interface AttachOptions extends CallOptions {
  /** The first event wanted; 1 unless named. */
  readonly fromSeq?: number;
}

/** What an execution is made of. */
export interface ExecutionOptions {
  readonly link: Link;
  readonly executionId: string;
  readonly objectOf: ObjectOf;
  /** What begins it; undefined where it was begun elsewhere. */
  readonly request: ExecuteRequest | undefined;
  readonly fromSeq?: number;
  readonly reattaches: boolean;
  readonly signal: AbortSignal | undefined;
}

/** How long the gateway is asked to wait for an end in one call. */
const waitMs = 60_000;
const streamEnded = 'finished';

/**
 * Code that runs. Read it with `for await`: the events come as they happen, over connections that break on the way.
 * Whoever leaves the loop before the end stops the code, unless it was begun elsewhere or `detach` was called.
 */
export class Execution implements AsyncIterable<ExecutionEvent>, AsyncDisposable {
  /** Names it to everybody with the same token: `gateway.attach(id)`. */
  readonly id: string;
  readonly #link: Link;
  readonly #objectOf: ObjectOf;
  readonly #signal: AbortSignal | undefined;
  readonly #stream: EventStream;
  readonly #abandon: (() => void) | undefined;
  #isOurs: boolean;
  #isRead = false;

  constructor({ link, executionId, objectOf, request, fromSeq, reattaches, signal }: ExecutionOptions) {
    link.check();
    signal?.throwIfAborted();
    this.id = executionId;
    this.#link = link;
    this.#objectOf = objectOf;
    this.#signal = signal;
    this.#isOurs = request !== undefined;
    this.#stream = openEventStream({
      link,
      executionId,
      fromSeq: BigInt(fromSeq ?? 1),
      begin: request === undefined ? undefined : (signal) => link.services.execute.execute(request, { signal }),
      reattaches,
      signal,
    });
    if (signal === undefined) return;
    // Whoever reads gets the signal's reason; the code is stopped also where nobody reads.
    this.#abandon = () => {
      if (this.#isOurs) link.inBackground(() => this.#stop());
      else this.#stream.leave();
    };
    signal.addEventListener('abort', this.#abandon, { once: true });
  }

  /** The events, once: whoever comes later reads them again from the first that is kept. */
  async *[Symbol.asyncIterator](): AsyncGenerator<ExecutionEvent, void, undefined> {
    const isFirst = !this.#isRead;
    this.#isRead = true;
    const read = createEventReader(this.#objectOf);
    const stream = isFirst ? this.#stream : this.#again();
    let isLeft = true;
    try {
      for await (const message of stream.events) {
        const event = read(message);
        if (event === undefined) continue;
        if (event.type === streamEnded) {
          isLeft = false;
          this.#settle();
        }
        yield event;
      }
    } catch (error) {
      isLeft = false; // it broke, and was not left
      throw error;
    } finally {
      const isAbandoned = this.#signal?.aborted === true;
      if (isLeft && isFirst && this.#isOurs) await this.#stop();
      else if (!isFirst || !isAbandoned) stream.leave();
    }
  }

  /** All that came of it, once it has ended. Code that raised or was stopped is a result too. */
  async result(options: CallOptions = {}): Promise<ExecutionResult> {
    if (!this.#isRead) {
      // What nobody reads would hold up the code when the log is full.
      for await (const _ of this);
    }
    const { link, signal } = { link: this.#link, signal: options.signal ?? this.#signal };
    const request = { executionId: this.id, wait: durationOf(waitMs, 'wait') };
    for (;;) {
      const { result } = await persistently(
        link,
        () => link.services.execute.getExecution(request, { signal }),
        signal,
      );
      if (result?.finished !== undefined) return resultOf(result, this.#objectOf);
    }
  }

  /** Gives input to code that asks, or will: a line ends with "\n". */
  async sendInput(text: string | Uint8Array, options: InputOptions = {}): Promise<void> {
    const data = typeof text === 'string' ? new TextEncoder().encode(text) : (text as Uint8Array<ArrayBuffer>);
    const input = { data, requestId: options.requestId, endOfFile: options.endOfFile };
    const { signal } = checked(options, { signal: true, requestId: true, endOfFile: true }, 'sendInput()');
    await once(
      this.#link,
      () => this.#link.services.execute.sendInput({ executionId: this.id, input }, { signal }),
      signal,
    );
  }

  /** Tells the code that no more input comes. */
  async endInput(options: CallOptions = {}): Promise<void> {
    await this.sendInput('', { ...options, endOfFile: true });
  }

  /** Stops the code, or withdraws it where it waits, and answers once it has settled. */
  async interrupt(options: InterruptOptions = {}): Promise<Interrupted> {
    const { graceMs, kill, signal } = checked(options, interruptNames, 'interrupt()');
    const request = { itemId: this.id, grace: durationOf(graceMs, 'graceMs'), kill };
    const { stoppedBy, statePreserved } = await once(
      this.#link,
      () => this.#link.services.execute.interrupt(request, { signal }),
      signal,
    );
    return { stoppedBy: stopRungOf(stoppedBy), statePreserved: statePreserved === true };
  }

  /** Lets it run without its caller, once it is accepted; answers with its id. Who reads it here may go on or leave. */
  async detach(): Promise<string> {
    this.#isOurs = false;
    if (!this.#isRead) {
      this.#isRead = true;
      await this.#stream.events.next();
      this.#stream.leave();
    }
    return this.id;
  }

  /** Leaving its scope (`await using`) stops the code, unless it has ended, was begun elsewhere, or is detached. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isOurs) await this.#stop();
    else this.#stream.leave();
  }

  #again(): EventStream {
    return openEventStream({
      link: this.#link,
      executionId: this.id,
      fromSeq: 1n,
      begin: undefined,
      reattaches: true,
      signal: this.#signal,
    });
  }

  /** It has ended: there is nothing to stop any more. */
  #settle(): void {
    this.#isOurs = false;
    if (this.#abandon !== undefined) this.#signal?.removeEventListener('abort', this.#abandon);
  }

  async #stop(): Promise<void> {
    this.#settle();
    try {
      // Before it is accepted there is nothing to stop, and it would run after all.
      await this.#stream.begun;
      await persistently(this.#link, () => this.#link.services.execute.interrupt({ itemId: this.id }), undefined);
    } catch (error) {
      // It has ended meanwhile, or never was.
      if (!hasReason(error, 'NOTHING_RUNNING', 'EXECUTION_NOT_FOUND', 'SESSION_NOT_FOUND', 'SESSION_CLOSED'))
        throw error;
    } finally {
      this.#stream.leave();
    }
  }
}
