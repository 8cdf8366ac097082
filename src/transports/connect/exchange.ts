/**
 * One call that Connect's library reads and writes, as an Exchange. The library pulls answers and pushes requests; the
 * dispatcher does the reverse, so the two meet here.
 */
import type { DescMessage, DescMethod, MessageShape } from '@bufbuild/protobuf';
import { decoded, encoded, type Incoming, incomingMessage, type Outgoing } from '../../call.ts';
import { errors, toBeepError } from '../../errors.ts';
import type { Exchange } from '../dispatch.ts';
import type { IncomingCall } from '../incoming-call.ts';
import { fromConnectError, toConnectError } from './error.ts';
import { withNegativeZeros } from './negative-zero.ts';

type Message = MessageShape<DescMessage>;

/** See `createConnectHandler`. */
export class ConnectExchange implements Exchange {
  readonly #call: IncomingCall;
  readonly #method: DescMethod;
  readonly #isJson: boolean;
  readonly #isFullDuplex: boolean;
  readonly #maxBytes: number;
  readonly #wanted = Promise.withResolvers<void>();
  readonly #source = Promise.withResolvers<AsyncIterable<Message>>();
  #answer: { message: Message; taken: () => void } | undefined;
  #end: { error: unknown } | undefined;
  #wake = () => {};

  constructor(call: IncomingCall, method: DescMethod, isJson: boolean, isFullDuplex: boolean, maxBytes: number) {
    this.#call = call;
    this.#method = method;
    this.#isJson = isJson;
    this.#isFullDuplex = isFullDuplex;
    this.#maxBytes = maxBytes;
    this.#source.promise.catch(() => {});
    this.#wanted.promise.catch(() => {});
  }

  // What the dispatcher sees.

  async receive(): Promise<Incoming<DescMessage>> {
    this.#wanted.resolve();
    const source = await this.#source.promise;
    for await (const message of ours(source)) return incomingMessage(this.#method.input, message);
    throw errors.invalidArgument('the call has no request message');
  }

  messages(): AsyncIterable<Incoming<DescMessage>> {
    if (!this.#isFullDuplex && this.#method.methodKind === 'bidi_streaming') {
      throw errors.notImplemented(`${this.#method.name} over HTTP/1.1 (it needs HTTP/2, and has twins that do not)`);
    }
    this.#wanted.resolve();
    return this.#incoming();
  }

  async *#incoming(): AsyncIterable<Incoming<DescMessage>> {
    for await (const message of ours(await this.#source.promise)) {
      this.#call.checkMessage?.(message);
      yield incomingMessage(this.#method.input, message);
    }
  }

  send(answer: Outgoing<DescMessage>): Promise<void> {
    const { signal, traffic } = this.#call;
    const { length } = encoded(this.#method.output, answer);
    if (length > this.#maxBytes) throw errors.messageTooLarge(this.#maxBytes, length);
    traffic.sent += length;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      const taken = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const message = decoded(answer);
      this.#answer = { message: this.#isJson ? withNegativeZeros(message) : message, taken };
      this.#wake();
    });
  }

  /** The call is over. */
  end(error?: unknown): void {
    this.#end ??= { error };
    if (error !== undefined) {
      const connectError = toConnectError(error, this.#call.requestId);
      this.#wanted.reject(connectError);
      this.#source.reject(toBeepError(error));
    }
    this.#wake();
  }

  // What the library sees.

  /** Resolves when the request is wanted; rejects with the refusal. */
  get wanted(): Promise<void> {
    return this.#wanted.promise;
  }

  /** Whether the library has got as far as giving us the request, or the call was over before. */
  get isSettled(): boolean {
    return this.#isDelivered || this.#end !== undefined;
  }

  /** Why the call failed. */
  get error(): unknown {
    return this.#end?.error;
  }

  #isDelivered = false;

  async unary(message: Message): Promise<Message> {
    this.#deliver(single(message));
    let last: Message | undefined;
    for await (const answer of this.#answers()) last = answer;
    return last as Message;
  }

  stream(messages: AsyncIterable<Message>): AsyncIterable<Message> {
    this.#deliver(messages);
    return this.#answers();
  }

  /** The library could not read the request. */
  refuse(error: unknown): void {
    this.#source.reject(error);
  }

  #deliver(source: AsyncIterable<Message>): void {
    this.#isDelivered = true;
    this.#source.resolve(source);
  }

  async *#answers(): AsyncGenerator<Message> {
    try {
      for (;;) {
        const answer = this.#answer;
        if (this.#end?.error !== undefined) throw toConnectError(this.#end.error, this.#call.requestId);
        if (answer !== undefined) {
          this.#answer = undefined;
          yield answer.message;
          answer.taken();
        } else if (this.#end !== undefined) return;
        else
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
      }
    } finally {
      if (this.#end === undefined) this.#call.abort(errors.cancelled('the caller went away'));
    }
  }
}

async function* single(message: Message): AsyncIterable<Message> {
  yield message;
}

async function* ours(source: AsyncIterable<Message>): AsyncIterable<Message> {
  try {
    yield* source;
  } catch (error) {
    throw fromConnectError(error);
  }
}
