/** Every request that is not native gRPC: to a method's path, to a plain route, or a browser's question. */
import type { Peer } from '../../call.ts';
import { errors } from '../../errors.ts';
import { headerMap } from '../incoming-call.ts';
import { errorAnswer } from '../rest/error-json.ts';
import type { HttpCallHandler } from './caller.ts';
import type { Cors } from './cors.ts';
import { endAnswer, type HttpRequest, type HttpResponse } from './message.ts';

/** Answers one request. */
export type HttpHandler = (request: HttpRequest, response: HttpResponse, peer: Peer) => void;

/** Who answers what. */
export interface HttpHandlerOptions {
  rest: HttpCallHandler;
  /** The path of the preflight's own route; see `listeners.ts`. */
  connect?: HttpCallHandler;
  cors: Cors;
}

/** `/package.Service/Method`: the dot tells it from plain routes. */
const methodPath = /^\/[\w.]*\.\w+\/\w+$/;

/** Makes the handler. */
export function createHttpHandler({ rest, connect, cors }: HttpHandlerOptions): HttpHandler {
  return (request, response, peer) => {
    request.on('error', () => {}); // whoever reads it hears of it
    response.on('error', () => {});
    const headers = headerMap(request.headers);
    const target = request.url ?? '';
    response.setHeader('x-content-type-options', 'nosniff');
    const malformed = whatIsMalformed(request, target);
    if (malformed !== undefined) return refuse(request, response, malformed);
    const mark = target.indexOf('?');
    const path = mark === -1 ? target : target.slice(0, mark);
    const query = mark === -1 ? '' : target.slice(mark + 1);
    cors.mark(headers, peer.localPort, response);
    response.setHeader('cache-control', 'no-store');
    if (request.method === 'OPTIONS') {
      cors.markPreflight(headers, response);
      return rest(request, response, '*', '', { headers, peer });
    }
    const answer = connect !== undefined && methodPath.test(path) ? connect : rest;
    answer(request, response, path, query, { headers, peer });
  };
}

/** What Node's parser lets through, and what would confuse whoever reads it after us. */
function whatIsMalformed(request: HttpRequest, target: string): string | undefined {
  if (!target.startsWith('/') && target !== '*') return 'request target must be a path';
  const hosts = request.rawHeaders.filter((text, i) => i % 2 === 0 && text.toLowerCase() === 'host').length;
  if (hosts > 1) return 'request has more than one Host header';
  const authority = request.headers[':authority'];
  const { host } = request.headers;
  if (authority !== undefined && host !== undefined && authority !== host) return 'Host and :authority differ';
  return undefined;
}

function refuse(request: HttpRequest, response: HttpResponse, why: string): void {
  const answer = errorAnswer(errors.invalidArgument(why), '');
  response.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  endAnswer(request, response, answer.body as string);
}
