/** `/executions/{id}` and what lies below, described. */
import { ExecutionStateSchema, StopRungSchema } from '../../../gen/es/beep/python/v1/execute_pb.ts';
import type { ObjectSchema, RouteDescription } from '../../../route-description.ts';
import { boolean, jsonAnswer, nameOf, string, time, whole } from './answer-schemas.ts';
import { eventStreams } from './event-schema.ts';
import { count, duration, flag, object, text } from './field-schemas.ts';
import { maxUint32 } from './fields.ts';
import { resultProperties } from './result-schema.ts';

const tag = 'Executions';

/** What input takes. */
export const inputBody: ObjectSchema = object(
  {
    text: text('As the code reads it: a line ends with "\\n".'),
    eof: flag('Nothing comes after `text`.'),
    requestId: count(
      'Answers this `inputRequest`, which must be the one that is open; none: whatever the code reads next.',
      maxUint32,
    ),
  },
  {
    anyOf: [
      { required: ['text'], properties: { text: { type: 'string', minLength: 1 } } },
      { required: ['eof'], properties: { eof: { const: true } } },
    ],
  },
);

/** What an interruption takes. */
export const interruptBody: ObjectSchema = object({
  grace: duration('Seconds that the code may take to give in before its process is killed.', { maximum: 3600 }),
  kill: flag("Kill its process at once; the session's variables are lost."),
});

const state = {
  state: nameOf(ExecutionStateSchema),
  executionId: string(),
  sessionId: string(),
  acceptedAt: time(),
  startedAt: time(),
  finishedAt: time(),
  firstSeq: whole('The first event that can still be had.'),
  nextSeq: whole('The number that the next event will have.'),
};

/** `GET /executions/{id}` */
export const aboutExecution: RouteDescription = {
  name: 'getExecution',
  tag,
  summary: 'Where an execution stands',
  description: 'Once it is finished, the fields of the answer of `POST /execute` are there too.',
  query: {
    wait: {
      type: 'number',
      minimum: 0,
      maximum: 86_400,
      description: 'Answer when it has ended, or after so many seconds.',
    },
  },
  answers: {
    200: jsonAnswer('the execution', {
      title: 'Execution',
      type: 'object',
      properties: { ...state, ...resultProperties },
      required: Object.keys(state),
    }),
  },
  refusals: ['EXECUTION_NOT_FOUND', 'LOG_EXPIRED'],
};

/** `GET /executions/{id}/events` */
export const aboutEvents: RouteDescription = {
  name: 'watchExecution',
  tag,
  summary: 'The events of an execution, past and live',
  query: {
    from: { type: 'integer', minimum: 0, maximum: 1e15, description: 'The first event wanted; none: all.' },
  },
  headers: {
    'Last-Event-ID': {
      type: 'string',
      pattern: '^[0-9]{1,18}$',
      description: 'Begin with the event after this one, as browsers ask when they come back.',
    },
  },
  answers: {
    200: { description: 'the events; as NDJSON unless `Accept` asks for `text/event-stream`', content: eventStreams },
    204: { description: 'it has ended, and there is nothing after `Last-Event-ID`' },
  },
  refusals: ['EXECUTION_NOT_FOUND', 'LOG_EXPIRED', 'READER_TOO_SLOW'],
};

/** `POST /executions/{id}/input` */
export const aboutInput: RouteDescription = {
  name: 'sendInput',
  tag,
  summary: 'Give input to code that runs interactively',
  description: 'Some `text`, or `"eof": true`, or both. What comes before the code asks is kept, up to 64 KiB.',
  body: { content: { 'application/json': { schema: inputBody, example: { text: 'Ann\n' } } } },
  answers: { 200: jsonAnswer('it is on its way', { type: 'object', maxProperties: 0 }) },
  refusals: ['INVALID_ARGUMENT', 'EXECUTION_NOT_FOUND', 'INPUT_NOT_EXPECTED'],
};

const interrupted = {
  stoppedBy: nameOf(StopRungSchema, 'What it took to stop it; null: it was still waiting.'),
  statePreserved: boolean("The session's variables still exist."),
};

/** `POST /executions/{id}/interrupt` */
export const aboutInterrupt: RouteDescription = {
  name: 'interruptExecution',
  tag,
  summary: 'Stop what runs, or withdraw what waits',
  description: 'Answers once it has settled.',
  body: { isOptional: true, content: { 'application/json': { schema: interruptBody, example: {} } } },
  answers: {
    200: jsonAnswer('it has ended', { type: 'object', properties: interrupted, required: Object.keys(interrupted) }),
  },
  refusals: ['INVALID_ARGUMENT', 'NOTHING_RUNNING'],
};

/** `POST /sessions/{id}/interrupt` */
export const aboutSessionInterrupt: RouteDescription = {
  ...aboutInterrupt,
  name: 'interruptSession',
  tag: 'Sessions',
  summary: 'Stop whatever runs in a session',
};
