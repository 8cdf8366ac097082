/** What browsers need to be told so that pages of other, allowed origins may call. https://fetch.spec.whatwg.org/ */
import type { OriginCheck } from '../../interceptors/origin.ts';
import type { HttpResponse } from './message.ts';

const allowedMethods = 'GET, POST, PUT, DELETE, PATCH, HEAD';
const allowedHeaders = [
  'authorization',
  'content-type',
  'connect-protocol-version',
  'connect-timeout-ms',
  'connect-content-encoding',
  'connect-accept-encoding',
  'grpc-timeout',
  'x-grpc-web',
  'x-user-agent',
  'x-request-id',
  'last-event-id',
  'range',
  'x-beep-dtype',
  'x-beep-shape',
  'content-range',
].join(', ');
const exposedHeaders = [
  'grpc-status',
  'grpc-message',
  'grpc-status-details-bin',
  'connect-content-encoding',
  'x-request-id',
  'retry-after',
  'x-beep-offset',
  'x-beep-dtype',
  'x-beep-shape',
  'content-range',
  'accept-ranges',
].join(', ');
const preflightSeconds = 7200;

/** Sets headers on answers. */
export interface Cors {
  /** For every answer to a page of an allowed origin. */
  mark(headers: ReadonlyMap<string, string>, localPort: number, response: HttpResponse): void;
  /** For the question whether a page may call. */
  markPreflight(headers: ReadonlyMap<string, string>, response: HttpResponse): void;
}

/** Makes it for the origins that the check allows. */
export function createCors(isAllowed: OriginCheck): Cors {
  return {
    mark(headers, localPort, response) {
      const origin = headers.get('origin');
      if (origin === undefined) return;
      response.setHeader('vary', 'origin');
      if (!isAllowed(origin, headers.get('host') ?? '', localPort)) return;
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('access-control-expose-headers', exposedHeaders);
    },
    markPreflight(headers, response) {
      response.setHeader('access-control-allow-methods', allowedMethods);
      response.setHeader('access-control-allow-headers', allowedHeaders);
      response.setHeader('access-control-max-age', String(preflightSeconds));
      if (headers.get('access-control-request-private-network') === 'true') {
        response.setHeader('access-control-allow-private-network', 'true');
      }
    },
  };
}
