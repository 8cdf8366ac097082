/**
 * Native gRPC on HTTP/2 streams. Node's own HTTP/2 and this folder instead of grpc-js's server, which cannot set its
 * windows, reads a whole request before anybody may refuse it, answers unknown methods, too large messages and long
 * timeouts by itself and without details, and costs a quarter more per call. Clients of every kind are in the tests.
 */
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Peer } from '../../call.ts';
import { errors, toBeepError } from '../../errors.ts';
import type { Dispatcher } from '../dispatch.ts';
import { headerMap, IncomingCall, unknownProcedure } from '../incoming-call.ts';
import { parseGrpcTimeout } from '../timeout.ts';
import { GrpcExchange, type GrpcExchangeOptions } from './exchange.ts';

/** Whether a request is for this folder. `application/grpc-web` is another protocol. */
export function isGrpc(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/grpc(?:\+proto)?(?:;|$)/i.test(contentType);
}

/** Answers one gRPC call. */
export type GrpcHandler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, peer: Peer) => void;

/** Makes the handler of all methods. */
export function createGrpcHandler(dispatcher: Dispatcher, options: GrpcExchangeOptions): GrpcHandler {
  return (stream, headers, peer) => {
    const path = (headers[':path'] ?? '').split('?', 1)[0] as string;
    const endpoint = dispatcher.endpoints.get(path);
    let badTimeout: unknown;
    let timeoutMs: number | undefined;
    try {
      timeoutMs = parseGrpcTimeout(headers['grpc-timeout'] as string | undefined);
    } catch (error) {
      badTimeout = error;
    }
    const call = new IncomingCall({
      procedure: endpoint?.procedure ?? unknownProcedure,
      protocol: 'grpc',
      method: endpoint?.method,
      headers: headerMap(headers),
      peer,
      timeoutMs,
    });
    const exchange = new GrpcExchange(stream, call, endpoint?.method as never, options);
    stream.on('error', () => {}); // 'close' follows
    let isOver = false;
    stream.once('close', () => {
      if (!isOver) call.abort(errors.cancelled());
    });
    const running =
      endpoint !== undefined && badTimeout === undefined && headers[':method'] === 'POST'
        ? dispatcher.run(endpoint, call, exchange)
        : dispatcher.runPlain(call, () => Promise.reject(badTimeout ?? refusal(headers, path)));
    running.then(
      () => {
        isOver = true;
        exchange.finish();
      },
      (error) => {
        isOver = true;
        exchange.finish(toBeepError(error));
      },
    );
  };
}

function refusal(headers: IncomingHttpHeaders, path: string): Error {
  return headers[':method'] === 'POST'
    ? errors.routeNotFound(path)
    : errors.methodNotAllowed(headers[':method'] ?? '', ['POST']);
}
