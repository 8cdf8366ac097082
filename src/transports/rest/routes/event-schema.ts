/** The schema of an event. */
import { NoticeKindSchema } from '../../../gen/es/beep/python/v1/execute_pb.ts';
import type { Content, Schema } from '../../../route-description.ts';
import { boolean, nameOf, seconds, string, time, whole } from './answer-schemas.ts';
import { bundleProperties, finishedProperties, pythonErrorSchema, valueSchema } from './result-schema.ts';

/** The fields of each type. */
const types: Readonly<Record<string, Readonly<Record<string, Schema>>>> = {
  accepted: { sessionId: string(), generation: whole(), queuePosition: whole('How many run or wait before it.') },
  started: { pid: whole(), executionCount: whole(), queueWaitSeconds: seconds() },
  stdout: output(),
  stderr: output(),
  display: { ...bundleProperties, displayId: string(), update: boolean() },
  clearOutput: { wait: boolean() },
  result: { result: valueSchema, resultText: string(), ...bundleProperties },
  inputRequest: { requestId: whole(), prompt: string(), password: boolean() },
  error: { error: pythonErrorSchema },
  notice: { kind: nameOf(NoticeKindSchema), message: string() },
  dropped: { firstSeq: whole(), lastSeq: whole(), bytes: whole(), reason: string() },
  heartbeat: { nextSeq: whole('The number that the next event will have.') },
  finished: finishedProperties,
};

function output(): Record<string, Schema> {
  return {
    text: string(),
    base64: string('Where the bytes are no UTF-8 by themselves.', { contentEncoding: 'base64' }),
    offset: whole('Of the first byte, counted for each stream.'),
  };
}

/** One event: `type` says which, the rest is its own. */
export const eventSchema: Schema = {
  title: 'Event',
  description: 'One thing that happened in an execution. `finished` is the last, and comes exactly once.',
  oneOf: Object.entries(types).map(([type, properties]) => ({
    type: 'object',
    properties: {
      executionId: string(),
      seq: whole('1, 2, 3 ... without a gap, but for what a `dropped` event stands for; 0: a heartbeat.'),
      type: { const: type },
      time: time(),
      ...properties,
    },
    required: ['executionId', 'seq', 'type', 'time'],
  })),
};

/** A stream of them in both its forms. OpenAPI 3.1 has no word for streams: `x-message` is what comes in one. */
export const eventStreams: Content = {
  'application/x-ndjson': {
    schema: { type: 'string', description: 'One event as JSON on each line, as it happens.', 'x-message': eventSchema },
  },
  'text/event-stream': {
    schema: {
      type: 'string',
      description: 'One event as JSON in each `data`, its number in `id`.',
      'x-message': eventSchema,
    },
  },
};
