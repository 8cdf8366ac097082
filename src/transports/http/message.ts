/** HTTP/1.1 and HTTP/2 requests and answers, as Node shows both of them: reading bodies and writing with backpressure. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { errors } from '../../errors.ts';
import { lingerAtEnd, lingerMs } from './linger.ts';

export type HttpRequest = IncomingMessage | Http2ServerRequest;
export type HttpResponse = ServerResponse | Http2ServerResponse;

/** Bounds of a body. */
export interface BodyLimits {
  maxBytes: number;
  /** A caller that sends nothing for so long is not waited for longer. */
  idleTimeoutMs: number;
}

/** The body, whole. */
export async function readBody(request: HttpRequest, limits: BodyLimits): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limits.maxBytes) throw errors.messageTooLarge(limits.maxBytes, declared);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of bodyChunks(request, limits.idleTimeoutMs)) {
    bytes += chunk.length;
    if (bytes > limits.maxBytes) throw errors.messageTooLarge(limits.maxBytes);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

/** The body as it comes, read no faster than it is taken. Rejects when the caller stops or goes away. */
export async function* bodyChunks(
  request: HttpRequest,
  idleTimeoutMs: number,
  isStream = false,
): AsyncGenerator<Buffer> {
  let isIdle = false;
  const timer = setTimeout(() => {
    isIdle = true;
    wake();
  }, idleTimeoutMs).unref();
  let wake = () => {};
  let isEnded = request.readableEnded;
  let isGone = request.destroyed && !isEnded;
  const onReadable = () => wake();
  const onEnd = () => {
    const ended = () => {
      isEnded = true;
      wake();
    };
    // Some clients cancel a stream of HTTP/2 by an end and a reset right after it: that is not an end.
    if (isStream && 'stream' in request) setImmediate(ended);
    else ended();
  };
  const onGone = () => {
    isGone ||= !isEnded;
    wake();
  };
  request.on('readable', onReadable);
  request.on('end', onEnd);
  request.on('close', onGone);
  request.on('aborted', onGone);
  request.on('error', onGone);
  try {
    for (;;) {
      const chunk = request.read() as Buffer | null;
      if (chunk !== null) {
        timer.refresh();
        yield chunk;
        timer.refresh();
      } else if (isGone) throw errors.cancelled();
      else if (isEnded) return;
      else if (isIdle) throw errors.deadlineExceeded(idleTimeoutMs);
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    clearTimeout(timer);
    request.off('readable', onReadable);
    request.off('end', onEnd);
    request.off('close', onGone);
    request.off('aborted', onGone);
  }
}

/**
 * Writes; the promise, where there is one, resolves when there is room for more and rejects when the caller is gone.
 * `onWritten` is called when nobody looks at the data any more.
 */
export function write(
  response: HttpResponse,
  data: string | Uint8Array,
  onWritten?: () => void,
): Promise<void> | undefined {
  if (isGone(response)) throw errors.cancelled();
  const done = onWritten && ((error?: Error | null) => !error && !isGone(response) && onWritten());
  // biome-ignore lint/suspicious/noExplicitAny: the two classes overload `write` differently for the same arguments
  if ((response as any).write(data, done)) return undefined;
  return new Promise((resolve, reject) => {
    const onDrain = () => {
      response.off('close', onClose);
      resolve();
    };
    const onClose = () => {
      response.off('drain', onDrain);
      reject(errors.cancelled());
    };
    response.once('drain', onDrain);
    response.once('close', onClose);
  });
}

/** Whether nobody reads this answer any more. */
export function isGone(response: HttpResponse): boolean {
  if ('stream' in response) return response.stream === undefined || response.stream.destroyed || response.stream.closed;
  return response.destroyed || response.socket === null || response.socket.destroyed;
}

/**
 * Ends an answer. Where the request has not been read to its end, the rest is discarded, so that the caller finds the
 * answer; one that goes on sending is cut off.
 */
export function endAnswer(request: HttpRequest, response: HttpResponse, data?: string | Uint8Array): void {
  if (isGone(response)) return;
  if (!request.readableEnded) {
    request.removeAllListeners('readable'); // of whoever was reading it: it would not flow
    setImmediate(() => request.resume());
    const timer = setTimeout(() => {
      if ('stream' in request) request.stream.close(constants.NGHTTP2_NO_ERROR);
      else if (!request.complete) request.destroy();
    }, lingerMs).unref();
    if (!('stream' in request)) lingerAtEnd(request);
    response.once('close', () => {
      if (request.complete) clearTimeout(timer);
    });
    request.once('end', () => clearTimeout(timer));
  }
  // biome-ignore lint/suspicious/noExplicitAny: as above
  if (data !== undefined) (response as any).end(data);
  else response.end();
}
