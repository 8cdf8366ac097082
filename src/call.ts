/**
 * One call as every part of the gateway sees it, whatever transport it came in by, and the shape of the services that
 * answer it. Transports make calls, interceptors look at them, services answer them.
 */
import type { DescMessage, DescMethod, DescService, MessageShape } from '@bufbuild/protobuf';
import { fromBinary, toBinary } from '@bufbuild/protobuf';

/** Where a call came from. */
export interface Peer {
  /** The listener that took the connection. */
  readonly listener: 'http' | 'rpc' | 'pipe';
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
}

/** One call. */
export interface Call {
  /** Said in the answer, in errors and in the log. */
  readonly requestId: string;
  /** `/package.Service/Method`, or a plain route such as `POST /execute`. */
  readonly procedure: string;
  readonly protocol: 'grpc' | 'grpc-web' | 'connect' | 'http' | 'pipe';
  /** Undefined for what has no method descriptor: plain routes, static pages. */
  readonly method: DescMethod | undefined;
  /** Lower-case names; HTTP/2's `:authority` stands under `host`. */
  readonly headers: ReadonlyMap<string, string>;
  readonly peer: Peer;
  /** Aborted when the caller goes away, cancels, or its deadline passes; the reason is a BeepError. */
  readonly signal: AbortSignal;
  /** The same for hot paths, without the cost of a signal: calls back once, or now; answers how to stop listening. */
  onAbort(listener: (reason: Error) => void): () => void;
  /** The caller's deadline by `performance.now()`, where it named one. */
  readonly deadlineAt: number | undefined;
  /** Who is calling, such as `token:default` or `uid:1000`; empty until the authenticate interceptor has set it. */
  principal: string;
  /** The one request of a unary or server-streaming call. */
  readonly request: Incoming<DescMessage> | undefined;
  /** Bytes of messages, counted by transports that see them go by. */
  readonly traffic?: { received: number; sent: number };
  /** Ends the call early: aborts its signal for this reason. Only the first reason counts. */
  abort(reason: Error): void;
  /** Set by the validate interceptor: what a transport calls for each message of a client stream. Throws BeepError. */
  checkMessage?: (message: MessageShape<DescMessage>) => void;
}

/** Something that stands around every call; the same on every port. */
export type Interceptor = (call: Call, next: () => Promise<void>) => Promise<void>;

/** A message that came in: decoded for those who look at it, encoded for those who pass it on. */
export interface Incoming<D extends DescMessage> {
  readonly message: MessageShape<D>;
  /** Protobuf binary; the caller's own bytes where there are any. */
  toBytes(): Uint8Array;
}

/** A message that arrived as protobuf binary. Decoded at once, so that what is malformed is refused here. */
export function incomingBytes<D extends DescMessage>(schema: D, bytes: Uint8Array): Incoming<D> {
  return { message: fromBinary(schema, bytes), toBytes: () => bytes };
}

/** A message that arrived in another form, such as JSON. */
export function incomingMessage<D extends DescMessage>(schema: D, message: MessageShape<D>): Incoming<D> {
  return { message, toBytes: () => toBinary(schema, message) };
}

/** An answer that is already protobuf binary, made by a worker; passed through untouched where the wire is protobuf. */
export class Encoded<D extends DescMessage> {
  readonly schema: D;
  readonly bytes: Uint8Array;
  /** Called, once, by a transport that has sent the bytes and was the last to look at them; nobody has to. */
  readonly release: (() => void) | undefined;

  constructor(schema: D, bytes: Uint8Array, release?: () => void) {
    this.schema = schema;
    this.bytes = bytes;
    this.release = release;
  }

  decode(): MessageShape<D> {
    return fromBinary(this.schema, this.bytes);
  }
}

/** An answer: a message, or one that is already encoded. */
export type Outgoing<D extends DescMessage> = MessageShape<D> | Encoded<D>;

/** The message of an answer, for transports and callers that need it decoded. */
export function decoded<D extends DescMessage>(answer: Outgoing<D>): MessageShape<D> {
  return answer instanceof Encoded ? answer.decode() : answer;
}

/** The protobuf binary of an answer. */
export function encoded<D extends DescMessage>(schema: D, answer: Outgoing<D>): Uint8Array {
  return answer instanceof Encoded ? answer.bytes : toBinary(schema, answer);
}

/** How a method of each kind is answered. */
export type Handler<M extends DescMethod> = M['methodKind'] extends 'unary'
  ? UnaryHandler<M['input'], M['output']>
  : M['methodKind'] extends 'server_streaming'
    ? ServerStreamingHandler<M['input'], M['output']>
    : M['methodKind'] extends 'client_streaming'
      ? ClientStreamingHandler<M['input'], M['output']>
      : BidiStreamingHandler<M['input'], M['output']>;

export type UnaryHandler<I extends DescMessage, O extends DescMessage> = (
  request: Incoming<I>,
  call: Call,
) => Promise<Outgoing<O>>;

/** The transport takes the next answer only when the one before it has found its place: reading slowly is backpressure. */
export type ServerStreamingHandler<I extends DescMessage, O extends DescMessage> = (
  request: Incoming<I>,
  call: Call,
) => AsyncIterable<Outgoing<O>>;

export type ClientStreamingHandler<I extends DescMessage, O extends DescMessage> = (
  requests: AsyncIterable<Incoming<I>>,
  call: Call,
) => Promise<Outgoing<O>>;

export type BidiStreamingHandler<I extends DescMessage, O extends DescMessage> = (
  requests: AsyncIterable<Incoming<I>>,
  call: Call,
) => AsyncIterable<Outgoing<O>>;

/** A service: a handler for each method that it has; a method without one answers NOT_IMPLEMENTED. */
export type ServiceImpl<S extends DescService> = {
  readonly [K in keyof S['method']]?: Handler<S['method'][K]>;
};

/** A service and its descriptor, as transports mount it. */
export interface MountedService {
  readonly service: DescService;
  readonly impl: Readonly<Record<string, unknown>>;
}

/** Pairs a descriptor with what answers it; the one place where the two types meet. */
export function mount<S extends DescService>(service: S, impl: ServiceImpl<S>): MountedService {
  return { service, impl: impl as Readonly<Record<string, unknown>> };
}
