/** What comes in on a plain route, read only when the handler asks for it. */
import { errors } from '../../errors.ts';
import { type BodyLimits, bodyChunks, type HttpRequest, readBody } from '../http/message.ts';
import type { IncomingCall } from '../incoming-call.ts';
import { guardDepth } from '../json-guard.ts';
import { notJson } from './json-error.ts';
import type { JsonBody, RestRequest } from './route.ts';

/** Makes the request that a handler sees. */
export function restRequest(
  request: HttpRequest,
  call: IncomingCall,
  params: Record<string, string>,
  query: string,
  limits: BodyLimits,
): RestRequest {
  return {
    call,
    params,
    query: new URLSearchParams(query),
    headers: call.headers,
    async json() {
      checkEncoding(call);
      const contentType = call.headers.get('content-type') ?? '';
      const body = await readBody(request, limits);
      call.traffic.received += body.length;
      if (body.length === 0) return { value: {}, text: '{}' };
      checkContentType(contentType, ['application/json']);
      guardDepth(body);
      return parseJson(body);
    },
    async *bytes(...contentTypes) {
      checkEncoding(call);
      checkContentType(call.headers.get('content-type') ?? '', contentTypes);
      for await (const chunk of bodyChunks(request, limits.idleTimeoutMs)) {
        call.traffic.received += chunk.length;
        yield chunk;
      }
    },
  };
}

function checkContentType(given: string, accepted: readonly string[]): void {
  const bare = (given.split(';', 1)[0] as string).trim().toLowerCase();
  if (!accepted.includes(bare)) throw errors.contentTypeRefused(given, accepted);
}

/** Bytes that stay compressed would be taken for what they are not. */
function checkEncoding(call: IncomingCall): void {
  const encoding = call.headers.get('content-encoding') ?? '';
  if (!['', 'identity'].includes(encoding.toLowerCase())) throw errors.contentEncodingRefused(encoding);
}

function parseJson(body: Buffer): JsonBody {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw errors.invalidArgument('body is not UTF-8');
  }
  try {
    return { value: JSON.parse(text), text };
  } catch (error) {
    throw notJson(text, error);
  }
}
