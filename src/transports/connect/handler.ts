/**
 * Connect and gRPC-Web on HTTP/1.1 and HTTP/2, by Connect's library. Around it: its gate waits for our interceptors, so
 * that nothing is read of a call that is refused; every method but unary Connect ones is mounted as a stream, so that
 * whatever is wrong with a message comes by us and gets its details; timeouts are ours.
 */
import type { DescMethod } from '@bufbuild/protobuf';
import { createConnectRouter, createContextKey, createContextValues } from '@connectrpc/connect';
import type { UniversalHandler } from '@connectrpc/connect/protocol';
import { compressionGzip } from '@connectrpc/connect-node';
import { errors, toBeepError } from '../../errors.ts';
import type { Dispatcher, Endpoint } from '../dispatch.ts';
import { bindToCaller, type HttpCallHandler } from '../http/caller.ts';
import type { BodyLimits, HttpRequest } from '../http/message.ts';
import { IncomingCall, unknownProcedure } from '../incoming-call.ts';
import { guardJson } from '../json-guard.ts';
import { parseConnectTimeout, parseGrpcTimeout } from '../timeout.ts';
import { errorOf, writeAnswer, writeUnaryError } from './answer.ts';
import { envelopedBody, unaryBody } from './body.ts';
import { type WireFormat, wireFormat } from './content-type.ts';
import { fromConnectError, toConnectError } from './error.ts';
import { ConnectExchange } from './exchange.ts';

const exchangeKey = createContextKey<ConnectExchange | undefined>(undefined, { description: 'the call' });

/** Makes the handler of all methods; the path of a call is `/package.Service/Method`. */
export function createConnectHandler(dispatcher: Dispatcher, limits: BodyLimits): HttpCallHandler {
  const unary = new Map<string, UniversalHandler>();
  const enveloped = { connect: new Map<string, UniversalHandler>(), 'grpc-web': new Map<string, UniversalHandler>() };
  for (const endpoint of dispatcher.endpoints.values()) {
    if (endpoint.method.methodKind === 'unary') unary.set(endpoint.procedure, unaryHandler(endpoint, limits));
    for (const protocol of ['connect', 'grpc-web'] as const) {
      enveloped[protocol].set(endpoint.procedure, streamHandler(endpoint, protocol, limits));
    }
  }

  return (request, response, path, query, { headers, peer }) => {
    const endpoint = dispatcher.endpoints.get(path);
    const prepared = prepare(request, headers, query, path, endpoint);
    const call = new IncomingCall({
      procedure: endpoint?.procedure ?? unknownProcedure,
      protocol: prepared.format?.protocol ?? 'connect',
      method: endpoint?.method,
      headers,
      peer,
      timeoutMs: prepared.timeoutMs,
    });
    bindToCaller(call, response);
    response.setHeader('cache-control', 'no-store');
    if (endpoint === undefined || prepared.format === undefined) {
      dispatcher
        .runPlain(call, () => Promise.reject(prepared.refusal))
        .catch((error) => writeUnaryError(request, response, call, toBeepError(error)));
      return;
    }
    const { format } = prepared;
    const isFullDuplex = request.httpVersionMajor >= 2;
    const exchange = new ConnectExchange(call, endpoint.method, format.isJson, isFullDuplex, limits.maxBytes);
    const running =
      prepared.refusal === undefined
        ? dispatcher.run(endpoint, call, exchange)
        : dispatcher.runPlain(call, () => Promise.reject(prepared.refusal));
    const ended = running.then(
      () => exchange.end(),
      (error) => exchange.end(error),
    );
    const handler = (format.isEnveloped ? enveloped[format.protocol] : unary).get(path) as UniversalHandler;
    const isGet = request.method === 'GET';
    let bodyError: unknown;
    handler({
      httpVersion: '2.0', // we decide ourselves what needs HTTP/2
      method: request.method ?? '',
      url: `http://gateway${path}?${query}`,
      header: libraryHeaders(headers),
      body: isGet
        ? nothing()
        : noting(bodyOf(request, call, format, limits), (error) => {
            bodyError = error;
            return toConnectError(error, call.requestId);
          }),
      signal: call.signal,
      contextValues: createContextValues().set(exchangeKey, exchange),
    })
      .then(async (answer) => {
        if (exchange.error !== undefined && !format.isEnveloped)
          return writeUnaryError(request, response, call, toBeepError(exchange.error));
        if (exchange.isSettled) return writeAnswer(request, response, answer);
        // The library could not read the request: say so to the interceptors, and with details to the caller.
        const error = bodyError === undefined ? await errorOf(answer) : toBeepError(bodyError);
        exchange.refuse(error);
        await ended;
        writeUnaryError(request, response, call, error);
      })
      .catch((error) => {
        call.abort(errors.cancelled('the answer could not be written'));
        if (response.headersSent) response.destroy();
        else writeUnaryError(request, response, call, fromConnectError(error));
      });
  };
}

interface Prepared {
  format?: WireFormat;
  timeoutMs?: number | undefined;
  refusal?: unknown;
}

function prepare(
  request: HttpRequest,
  headers: ReadonlyMap<string, string>,
  query: string,
  path: string,
  endpoint: Endpoint | undefined,
): Prepared {
  if (endpoint === undefined) return { refusal: errors.routeNotFound(path) };
  const prepared: Prepared = {};
  try {
    prepared.format = wireFormat(request.method ?? '', headers.get('content-type') ?? '', query, endpoint.method);
    prepared.timeoutMs =
      prepared.format.protocol === 'connect'
        ? parseConnectTimeout(headers.get('connect-timeout-ms'))
        : parseGrpcTimeout(headers.get('grpc-timeout'));
    if (request.method === 'GET' && prepared.format.isJson) guardQuery(query);
  } catch (error) {
    prepared.refusal = error;
  }
  return prepared;
}

function guardQuery(query: string): void {
  const params = new URLSearchParams(query);
  guardJson(Buffer.from(params.get('message') ?? '', params.get('base64') === '1' ? 'base64url' : 'utf8'));
}

function unaryHandler({ method }: Endpoint, limits: BodyLimits): UniversalHandler {
  const router = createConnectRouter({ ...libraryOptions(limits), grpc: false, grpcWeb: false });
  router.rpc(
    method as DescMethod & { methodKind: 'unary' },
    (message, context) => exchangeOf(context).unary(message) as never,
  );
  return router.handlers[0] as UniversalHandler;
}

function streamHandler({ method }: Endpoint, protocol: 'connect' | 'grpc-web', limits: BodyLimits): UniversalHandler {
  const router = createConnectRouter({
    ...libraryOptions(limits),
    grpc: false,
    grpcWeb: protocol === 'grpc-web',
    connect: protocol === 'connect',
  });
  const asStream = { ...method, methodKind: 'bidi_streaming' } as DescMethod & { methodKind: 'bidi_streaming' };
  router.rpc(asStream, (messages, context) => exchangeOf(context).stream(messages) as never);
  return router.handlers[0] as UniversalHandler;
}

function libraryOptions(limits: BodyLimits) {
  return {
    readMaxBytes: limits.maxBytes,
    // We count a message's binary form; as JSON the same one is longer.
    writeMaxBytes: Math.min(limits.maxBytes * 8, 2 ** 32 - 1),
    acceptCompression: [compressionGzip],
    // Ours apply; a longer one would fire after a millisecond.
    maxTimeoutMs: 2 ** 31 - 1,
    requestGate: (context: { values: { get(key: typeof exchangeKey): ConnectExchange | undefined } }) =>
      exchangeOf(context).wanted,
  };
}

function exchangeOf(context: {
  values: { get(key: typeof exchangeKey): ConnectExchange | undefined };
}): ConnectExchange {
  return context.values.get(exchangeKey) as ConnectExchange;
}

const headersOfOurs = [
  'connect-timeout-ms',
  'grpc-timeout',
  'content-encoding',
  'connect-content-encoding',
  'grpc-encoding',
];

function libraryHeaders(headers: ReadonlyMap<string, string>): Headers {
  const result = new Headers();
  for (const [name, value] of headers) if (!headersOfOurs.includes(name)) result.append(name, value);
  return result;
}

function bodyOf(
  request: HttpRequest,
  call: IncomingCall,
  format: WireFormat,
  limits: BodyLimits,
): AsyncIterable<Uint8Array> {
  if (!format.isEnveloped) return unaryBody(request, call, format.isJson, limits);
  const encoding = call.headers.get(format.protocol === 'connect' ? 'connect-content-encoding' : 'grpc-encoding');
  return envelopedBody(request, call, format.isJson, encoding, limits);
}

async function* nothing(): AsyncIterable<Uint8Array> {}

async function* noting(
  body: AsyncIterable<Uint8Array>,
  onError: (error: unknown) => unknown,
): AsyncIterable<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw onError(error);
  }
}
