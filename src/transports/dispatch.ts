/**
 * Between the wires and the handlers: every call of every protocol runs through `run`, which puts the interceptors
 * around it. A wire shows itself as an Exchange; what kind of method it is matters only here.
 */
import type { DescMessage, DescMethod, DescService } from '@bufbuild/protobuf';
import type {
  BidiStreamingHandler,
  Call,
  ClientStreamingHandler,
  Incoming,
  Interceptor,
  MountedService,
  Outgoing,
  ServerStreamingHandler,
  UnaryHandler,
} from '../call.ts';
import { errors } from '../errors.ts';
import type { InterceptorChain } from '../interceptors/order.ts';
import type { IncomingCall } from './incoming-call.ts';

/** A method that can be called. */
export interface Endpoint {
  /** `/package.Service/Method`. */
  readonly procedure: string;
  readonly service: DescService;
  readonly method: DescMethod;
  /** Undefined where nobody has written one yet. */
  readonly handler: unknown;
}

/** The two ends of a call's wire. Nothing is read from the caller before the first method is called. */
export interface Exchange {
  /** The one request of a unary or server-streaming call. */
  receive(): Promise<Incoming<DescMessage>>;
  /** The requests of a client-streaming or bidirectional call, each checked by `call.checkMessage`. */
  messages(): AsyncIterable<Incoming<DescMessage>>;
  /** Takes an answer. The promise, where there is one, resolves when there is room for the next. */
  send(answer: Outgoing<DescMessage>): Promise<void> | undefined;
}

/** All methods, and the way to call them. */
export interface Dispatcher {
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** Resolves when the last answer has been sent; rejects with a BeepError. */
  run(endpoint: Endpoint, call: IncomingCall, exchange: Exchange): Promise<void>;
  /** The same for what has no descriptor: plain routes, unknown methods. */
  runPlain(call: IncomingCall, answer: () => Promise<void>): Promise<void>;
}

/** One dispatcher serves every port. */
export function createDispatcher(services: readonly MountedService[], chain: InterceptorChain): Dispatcher {
  const endpoints = new Map<string, Endpoint>();
  for (const { service, impl } of services) {
    for (const method of service.methods) {
      const procedure = `/${service.typeName}/${method.name}`;
      if (endpoints.has(procedure)) throw new Error(`${procedure} is mounted twice`);
      const handler = impl[method.localName];
      endpoints.set(procedure, { procedure, service, method, handler: handler && bound(handler, impl) });
    }
  }
  const onHeaders = compose(chain.onHeaders);
  const onRequest = compose(chain.onRequest);
  return {
    endpoints,
    run: (endpoint, call, exchange) => onHeaders(call, () => accept(endpoint, call, exchange, onRequest)),
    runPlain: (call, answer) => onHeaders(call, answer),
  };
}

async function accept(endpoint: Endpoint, call: IncomingCall, exchange: Exchange, onRequest: Composed): Promise<void> {
  if (endpoint.handler === undefined) throw errors.notImplemented(endpoint.procedure.slice(1));
  const { methodKind } = endpoint.method;
  if (methodKind === 'unary' || methodKind === 'server_streaming') call.request = await exchange.receive();
  await onRequest(call, () => answers[methodKind](endpoint.handler, call, exchange));
}

const answers: Record<DescMethod['methodKind'], (handler: unknown, call: Call, exchange: Exchange) => Promise<void>> = {
  async unary(handler, call, exchange) {
    const answer = await (handler as UnaryHandler<DescMessage, DescMessage>)(
      call.request as Incoming<DescMessage>,
      call,
    );
    await exchange.send(answer);
  },
  async server_streaming(handler, call, exchange) {
    const request = call.request as Incoming<DescMessage>;
    await sendAll((handler as ServerStreamingHandler<DescMessage, DescMessage>)(request, call), exchange);
  },
  async client_streaming(handler, call, exchange) {
    const answer = await (handler as ClientStreamingHandler<DescMessage, DescMessage>)(exchange.messages(), call);
    await exchange.send(answer);
  },
  async bidi_streaming(handler, call, exchange) {
    await sendAll((handler as BidiStreamingHandler<DescMessage, DescMessage>)(exchange.messages(), call), exchange);
  },
};

async function sendAll(answers: AsyncIterable<Outgoing<DescMessage>>, exchange: Exchange): Promise<void> {
  for await (const answer of answers) {
    const room = exchange.send(answer);
    if (room !== undefined) await room;
  }
}

type Composed = (call: Call, innermost: () => Promise<void>) => Promise<void>;

function compose(interceptors: readonly Interceptor[]): Composed {
  return (call, innermost) => {
    let run = innermost;
    for (let i = interceptors.length - 1; i >= 0; i--) {
      const interceptor = interceptors[i] as Interceptor;
      const next = run;
      run = () => interceptor(call, next);
    }
    return run();
  };
}

/** Handlers may be methods of a class. */
function bound(handler: unknown, impl: object): unknown {
  if (typeof handler !== 'function') throw new TypeError('a handler is a function');
  return handler.bind(impl);
}
