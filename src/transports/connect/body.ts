/**
 * Request bodies before Connect's library parses them: bounded, inflated, and looked over where they are JSON. What is
 * wrong here has our own errors, with their details; the library's have none.
 */
import { errors } from '../../errors.ts';
import { compressedFlag, FrameSplitter, framed, inflated } from '../frames.ts';
import { type BodyLimits, bodyChunks, type HttpRequest, readBody } from '../http/message.ts';
import type { IncomingCall } from '../incoming-call.ts';
import { guardJson } from '../json-guard.ts';

/** The body of a unary Connect call, in one piece and without compression. */
export async function* unaryBody(
  request: HttpRequest,
  call: IncomingCall,
  isJson: boolean,
  limits: BodyLimits,
): AsyncGenerator<Uint8Array> {
  let body = await readBody(request, limits);
  call.traffic.received += body.length;
  const encoding = call.headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity') body = await inflated(body, encoding, limits.maxBytes);
  if (isJson) guardJson(body);
  yield body;
}

/** The body of every other call: messages in envelopes, each whole and without compression. */
export async function* envelopedBody(
  request: HttpRequest,
  call: IncomingCall,
  isJson: boolean,
  encoding: string | undefined,
  limits: BodyLimits,
): AsyncGenerator<Uint8Array> {
  const splitter = new FrameSplitter(limits.maxBytes);
  // Between messages a caller may be silent; whoever is silent within the first one is not waited for.
  const isStream = call.method?.methodKind === 'client_streaming' || call.method?.methodKind === 'bidi_streaming';
  for await (const chunk of bodyChunks(request, isStream ? longestTimerMs : limits.idleTimeoutMs, isStream)) {
    const frames: { message: Buffer; flags: number }[] = [];
    splitter.push(chunk, (message, flags) => frames.push({ message, flags }));
    for (const { message, flags } of frames) {
      call.traffic.received += message.length;
      const plain = (flags & compressedFlag) === 0 ? message : await inflated(message, encoding, limits.maxBytes);
      if (isJson) guardJson(plain);
      yield* framed(plain);
    }
  }
  if (splitter.isInside) throw errors.invalidArgument('the call ends in the middle of a message');
}

const longestTimerMs = 2 ** 31 - 1;
