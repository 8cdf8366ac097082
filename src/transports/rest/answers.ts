/** The kinds of answers that plain routes give. */
import { errorObject } from './error-json.ts';
import { writeJson } from './json.ts';
import type { LentBytes, RestAnswer } from './route.ts';

/** JSON; `rawJson` pieces in it stay as they are. */
export function json(value: unknown, status = 200, headers: Record<string, string> = {}): RestAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: `${writeJson(value)}\n` };
}

/** Text. */
export function text(body: string, contentType = 'text/plain; charset=utf-8', status = 200): RestAnswer {
  return { status, headers: { 'content-type': contentType }, body };
}

/** Bytes, whole or piece by piece. */
export function bytes(
  body: Uint8Array | AsyncIterable<Uint8Array | LentBytes>,
  status = 200,
  headers: Record<string, string> = {},
): RestAnswer {
  return { status, headers: { 'content-type': 'application/octet-stream', ...headers }, body };
}

/** No body, such as 204. */
export function empty(status = 204): RestAnswer {
  return { status, headers: {}, body: undefined };
}

/** One JSON value per line, as they come; what breaks the stream is its last line. */
export function ndjson(values: AsyncIterable<unknown>): RestAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'application/x-ndjson' },
    body: mapped(values, (value) => `${writeJson(value)}\n`),
    lastWords: (error, requestId) => `${JSON.stringify(errorObject(error, requestId))}\n`,
  };
}

/** One event of a stream of server-sent events. */
export interface ServerSentEvent {
  /** What a browser sends back as `Last-Event-ID`. */
  id?: string | number | bigint;
  event?: string;
  data: unknown;
}

/** Server-sent events, as they come; what breaks the stream is an event `error`. */
export function sse(events: AsyncIterable<ServerSentEvent>): RestAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' },
    body: mapped(events, eventText),
    lastWords: (error, requestId) => eventText({ event: 'error', data: errorObject(error, requestId) }),
  };
}

/**
 * Waits for the first value, so that what is refused at once is answered with its status rather than within a stream
 * that has begun.
 */
export async function primed<T>(values: AsyncIterable<T>): Promise<AsyncIterable<T>> {
  const iterator = values[Symbol.asyncIterator]();
  let first: Promise<IteratorResult<T>> | undefined = Promise.resolve(await iterator.next());
  return {
    [Symbol.asyncIterator]: () => ({
      next() {
        const result = first ?? iterator.next();
        first = undefined;
        return result;
      },
      return: async (value) => (await iterator.return?.(value)) ?? { value, done: true },
    }),
  };
}

async function* mapped<T>(values: AsyncIterable<T>, toText: (value: T) => string): AsyncIterable<string> {
  for await (const value of values) yield toText(value);
}

/** A JSON text has no line breaks, so one `data` line is enough. */
function eventText({ id, event, data }: ServerSentEvent): string {
  return `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}data: ${writeJson(data)}\n\n`;
}
