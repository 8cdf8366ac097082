/** One HTTP request and the call that it is: what all protocols of the HTTP port have in common. */
import { errors } from '../../errors.ts';
import type { IncomingCall, IncomingCallOptions } from '../incoming-call.ts';
import type { HttpRequest, HttpResponse } from './message.ts';

/** Answers one request; headers that are to go with every answer are set on `response` already. */
export type HttpCallHandler = (
  request: HttpRequest,
  response: HttpResponse,
  path: string,
  query: string,
  call: Pick<IncomingCallOptions, 'headers' | 'peer'>,
) => void;

/** The answer names the call, and the call ends when its caller goes away. */
export function bindToCaller(call: IncomingCall, response: HttpResponse): void {
  response.setHeader('x-request-id', call.requestId);
  response.once('close', () => {
    if (!response.writableEnded) call.abort(errors.cancelled('the caller went away'));
  });
}
