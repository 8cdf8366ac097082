/** One gRPC call on an HTTP/2 stream, as an Exchange. */
import { constants, type ServerHttp2Stream, type ServerStreamResponseOptions } from 'node:http2';
import type { DescMessage, DescMethod } from '@bufbuild/protobuf';
import { Encoded, encoded, type Incoming, incomingBytes, type Outgoing } from '../../call.ts';
import { type BeepError, errors } from '../../errors.ts';
import type { Exchange } from '../dispatch.ts';
import { compressedFlag, FrameSplitter, framed, inflated } from '../frames.ts';
import type { IncomingCall } from '../incoming-call.ts';
import { MessageQueue } from './message-queue.ts';
import { errorTrailers, okTrailers } from './status.ts';

/** How a stream is treated. */
export interface GrpcExchangeOptions {
  maxMessageBytes: number;
  /** A caller that stops in the middle of its one request, or of a message, is not waited for longer. */
  bodyIdleTimeoutMs: number;
}

/** So many messages may wait for a handler before the caller is told to wait. */
const maxWaitingMessages = 16;
/** Or messages of so many bytes together. */
const maxWaitingBytes = 1024 * 1024;
/** A caller that goes on sending after its answer is cut off after this time. */
const lingerMs = 1000;

/** See `createGrpcHandler`. */
export class GrpcExchange implements Exchange {
  readonly #stream: ServerHttp2Stream;
  readonly #call: IncomingCall;
  readonly #method: DescMethod;
  readonly #options: GrpcExchangeOptions;
  #hasResponded = false;
  #trailers: Record<string, string> = okTrailers;

  constructor(stream: ServerHttp2Stream, call: IncomingCall, method: DescMethod, options: GrpcExchangeOptions) {
    this.#stream = stream;
    this.#call = call;
    this.#method = method;
    this.#options = options;
  }

  receive(): Promise<Incoming<DescMessage>> {
    const stream = this.#stream;
    return new Promise((resolve, reject) => {
      let isDone = false;
      const done = (settle: () => void) => {
        if (isDone) return;
        isDone = true;
        clearTimeout(timer);
        stream.off('close', onClose);
        settle();
      };
      const onClose = () => done(() => reject(errors.cancelled()));
      const { bodyIdleTimeoutMs } = this.#options;
      const timer = setTimeout(() => done(() => reject(errors.deadlineExceeded(bodyIdleTimeoutMs))), bodyIdleTimeoutMs);
      stream.once('close', onClose);
      this.#read(
        (message) => done(() => resolve(message)),
        (error) => done(() => reject(error ?? errors.invalidArgument('the call has no request message'))),
        () => timer.refresh(),
      );
    });
  }

  messages(): AsyncIterable<Incoming<DescMessage>> {
    const stream = this.#stream;
    let waitingBytes = 0;
    const queue = new MessageQueue<Incoming<DescMessage>>(() => {
      waitingBytes = 0;
      stream.resume();
    });
    this.#read(
      (message, bytes) => {
        queue.push(message);
        waitingBytes = queue.length === 0 ? 0 : waitingBytes + bytes;
        if (queue.length >= maxWaitingMessages || waitingBytes >= maxWaitingBytes) stream.pause();
      },
      (error) => {
        if (error !== undefined) queue.end(error);
        // Some clients cancel by an end and a reset right after it: that is not an end.
        else setImmediate(() => queue.end());
      },
    );
    const { signal } = this.#call;
    signal.addEventListener('abort', () => queue.end(signal.reason), { once: true });
    return queue;
  }

  send(answer: Outgoing<DescMessage>): Promise<void> | undefined {
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) throw errors.cancelled();
    const message = encoded(this.#method.output, answer);
    if (message.length > this.#options.maxMessageBytes)
      throw errors.messageTooLarge(this.#options.maxMessageBytes, message.length);
    this.#call.traffic.sent += message.length;
    this.#respond();
    const pieces = framed(message);
    let hasRoom = true;
    if (pieces.length > 1) stream.cork();
    for (const piece of pieces)
      hasRoom = stream.write(piece, piece === message ? whenWritten(stream, answer) : undefined);
    if (pieces.length > 1) stream.uncork();
    return hasRoom ? undefined : roomIn(stream);
  }

  /** Ends the call on the wire. */
  finish(error?: BeepError): void {
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) return;
    if (error !== undefined) this.#trailers = errorTrailers(error, this.#call.requestId);
    if (this.#hasResponded || error === undefined) {
      this.#respond();
      stream.end();
    } else {
      stream.respond({ ...this.#headers(), ...this.#trailers }, {
        endStream: true,
        sendDate: false,
      } as ServerStreamResponseOptions);
    }
    if (!stream.readableEnded) this.#discardRest();
  }

  #respond(): void {
    if (this.#hasResponded) return;
    this.#hasResponded = true;
    this.#stream.on('wantTrailers', () => this.#stream.sendTrailers(this.#trailers));
    this.#stream.respond(this.#headers(), { waitForTrailers: true, sendDate: false } as ServerStreamResponseOptions);
  }

  #headers(): Record<string, string | number> {
    return {
      ':status': 200,
      'content-type': 'application/grpc+proto',
      'grpc-accept-encoding': 'identity,gzip',
      'x-request-id': this.#call.requestId,
    };
  }

  #read(
    onMessage: (message: Incoming<DescMessage> | Promise<Incoming<DescMessage>>, bytes: number) => void,
    onEnd: (error?: unknown) => void,
    onChunk: () => void = () => {},
  ): void {
    const stream = this.#stream;
    const splitter = new FrameSplitter(this.#options.maxMessageBytes);
    const call = this.#call;
    const decode = (bytes: Buffer) => {
      const message = decodeMessage(this.#method.input, bytes);
      call.checkMessage?.(message.message);
      return message;
    };
    const onFrame = (bytes: Buffer, flags: number) => {
      call.traffic.received += bytes.length;
      if ((flags & compressedFlag) === 0) return onMessage(decode(bytes), bytes.length);
      const inflating = inflated(bytes, call.headers.get('grpc-encoding'), this.#options.maxMessageBytes);
      onMessage(inflating.then(decode), bytes.length);
    };
    let hasFailed = false;
    stream.on('data', (chunk: Buffer) => {
      if (hasFailed) return;
      onChunk();
      try {
        splitter.push(chunk, onFrame);
      } catch (error) {
        hasFailed = true;
        onEnd(error);
      }
    });
    stream.on('end', () => onEnd(splitter.isInside ? cutShort() : undefined));
  }

  #discardRest(): void {
    const stream = this.#stream;
    stream.resume();
    const timer = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), lingerMs).unref();
    stream.once('close', () => clearTimeout(timer));
  }
}

/**
 * Of a stream that was cut off, parts of the bytes may still be on their way out, and Node tells of no error: then they
 * are not given back.
 */
function whenWritten(
  stream: ServerHttp2Stream,
  answer: Outgoing<DescMessage>,
): ((error?: Error | null) => void) | undefined {
  const release = answer instanceof Encoded ? answer.release : undefined;
  if (release === undefined) return undefined;
  return (error) => {
    if (!error && !stream.destroyed && !stream.aborted) release();
  };
}

function cutShort(): BeepError {
  return errors.invalidArgument('the call ends in the middle of a message');
}

function decodeMessage(schema: DescMessage, bytes: Buffer): Incoming<DescMessage> {
  try {
    return incomingBytes(schema, bytes);
  } catch {
    throw errors.invalidArgument(`request is not a ${schema.typeName}: its bytes cannot be decoded`);
  }
}

/** Resolves when a stream takes more; rejects when it will not. */
function roomIn(stream: ServerHttp2Stream): Promise<void> {
  return new Promise((resolve, reject) => {
    const onDrain = () => {
      stream.off('close', onClose);
      resolve();
    };
    const onClose = () => {
      stream.off('drain', onDrain);
      reject(errors.cancelled());
    };
    stream.once('drain', onDrain);
    stream.once('close', onClose);
  });
}
