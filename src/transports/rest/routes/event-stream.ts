/** Events as a stream that plain HTTP clients can read: NDJSON or server-sent events. */
import { decoded, type Outgoing } from '../../../call.ts';
import type { ExecutionEvent, ExecutionEventSchema } from '../../../gen/es/beep/python/v1/execute_pb.ts';
import { ndjson, primed, type ServerSentEvent, sse } from '../answers.ts';
import type { RestAnswer } from '../route.ts';
import { eventJson } from './event-json.ts';

/** The two forms of a stream. */
export type StreamForm = 'ndjson' | 'sse';

/** What an `Accept` header asks for; undefined where it asks for neither. */
export function wantedStream(accept: string | undefined): StreamForm | undefined {
  const types = (accept ?? '').split(',').map((part) => (part.split(';', 1)[0] as string).trim().toLowerCase());
  if (types.includes('text/event-stream')) return 'sse';
  if (types.includes('application/x-ndjson')) return 'ndjson';
  return undefined;
}

/** The answer; what is refused at once is refused with its status. */
export async function eventAnswer(
  events: AsyncIterable<Outgoing<typeof ExecutionEventSchema>>,
  form: StreamForm,
): Promise<RestAnswer> {
  const messages = await primed(decodedEvents(events));
  return form === 'sse' ? sse(mapped(messages, serverSent)) : ndjson(mapped(messages, eventJson));
}

async function* decodedEvents(
  events: AsyncIterable<Outgoing<typeof ExecutionEventSchema>>,
): AsyncGenerator<ExecutionEvent> {
  for await (const event of events) yield decoded(event);
}

async function* mapped<T, U>(values: AsyncIterable<T>, map: (value: T) => U): AsyncGenerator<U> {
  for await (const value of values) yield map(value);
}

/** A heartbeat has no id: it is no place to go on from. */
function serverSent(event: ExecutionEvent): ServerSentEvent {
  return { ...(event.seq > 0n && { id: event.seq }), data: eventJson(event) };
}
