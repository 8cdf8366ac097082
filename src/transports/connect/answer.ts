/** Connect and gRPC-Web answers onto the wire. */
import type { UniversalServerResponse } from '@connectrpc/connect/protocol';
import { codeFromString, errorToJson } from '@connectrpc/connect/protocol-connect';
import { type BeepError, errors } from '../../errors.ts';
import { endAnswer, type HttpRequest, type HttpResponse, isGone, write } from '../http/message.ts';
import type { IncomingCall } from '../incoming-call.ts';
import { errorHeaders } from '../rest/error-json.ts';
import { fromCode, toConnectError, unaryHttpStatus } from './error.ts';

/** Writes what the library answers. */
export async function writeAnswer(
  request: HttpRequest,
  response: HttpResponse,
  answer: UniversalServerResponse,
): Promise<void> {
  if (isGone(response)) return;
  response.statusCode = answer.status;
  for (const [name, value] of answer.header ?? []) response.setHeader(name, value);
  for await (const chunk of answer.body ?? []) {
    const room = write(response, chunk);
    if (room !== undefined) await room;
  }
  endAnswer(request, response);
}

/** Writes an error as unary Connect calls have it: also the form for what speaks no protocol of ours. */
export function writeUnaryError(
  request: HttpRequest,
  response: HttpResponse,
  call: IncomingCall,
  error: BeepError,
): void {
  if (isGone(response)) return;
  response.statusCode = unaryHttpStatus(error);
  for (const [name, value] of Object.entries(errorHeaders(error))) response.setHeader(name, value);
  response.setHeader('content-type', 'application/json');
  endAnswer(request, response, JSON.stringify(errorToJson(toConnectError(error, call.requestId), undefined)));
}

/** The error that the library answers with, which has no details. */
export async function errorOf(answer: UniversalServerResponse): Promise<BeepError> {
  const text = (await wholeOf(answer)).toString('utf8');
  try {
    const { code, message } = JSON.parse(text) as { code?: string; message?: string };
    return fromCode(codeFromString(code ?? '') ?? 3, message ?? 'the request cannot be read');
  } catch {
    return errors.invalidArgument('the request cannot be read');
  }
}

async function wholeOf(answer: UniversalServerResponse): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.body ?? []) chunks.push(chunk);
  return Buffer.concat(chunks);
}
