/** `POST /execute`, described. */
import type { ObjectSchema, RouteDescription, Schema } from '../../../route-description.ts';
import { jsonAnswer, string } from './answer-schemas.ts';
import { eventStreams } from './event-schema.ts';
import { duration, flag, list, object, text, texts } from './field-schemas.ts';
import { resultSchema, valueSchema } from './result-schema.ts';

/** What it takes. */
export const executeBody: ObjectSchema = object(
  {
    code: text({ field: 'ExecuteRequest.code' }),
    script: text({ field: 'ScriptSource.path' }),
    module: text({ field: 'ModuleSource.name' }),
    function: text({ field: 'FunctionSource.name' }),
    args: {
      type: ['array', 'null'],
      items: valueSchema,
      maxItems: 10_000,
      description: 'Positional arguments of the function.',
    },
    kwargs: {
      type: ['object', 'null'],
      additionalProperties: valueSchema,
      maxProperties: 1000,
      description: 'Keyword arguments of the function.',
    },
    sessionId: text('The session to run in; none: your default session, made on first use.', {
      pattern: '^[A-Za-z0-9._:-]{0,128}$',
    }),
    executionId: text({ field: 'ExecuteRequest.executionId' }),
    venv: text('A fresh session in this environment, for this execution alone; refused beside `sessionId`.', {
      maxLength: 4096,
    }),
    timeout: duration('Seconds from when the code runs; then it is stopped, and `outcome` is `TIMEOUT`.', {
      maximum: 31_536_000,
    }),
    stdin: text('What the code reads from its input, then end of file.'),
    interactive: flag('Input comes while the code runs, by `POST /executions/{id}/input`; refused beside `stdin`.'),
    env: texts({ field: 'ExecuteRequest.env' }),
    cwd: text({ field: 'ExecuteRequest.cwd' }),
    argv: list({ field: 'ExecuteRequest.argv' }),
    detach: flag('Answer at once with 202, and let the code run without its caller.'),
  },
  {
    title: 'ExecuteBody',
    description: 'Exactly one of `code`, `script`, `module` and `function`.',
    oneOf: [
      ...['code', 'script', 'module'].map((name) => ({
        required: [name],
        properties: { [name]: { type: 'string' }, args: { type: 'null' }, kwargs: { type: 'null' } },
      })),
      { required: ['function'], properties: { function: { type: 'string' } } },
    ],
    allOf: [notBoth('sessionId', { type: 'string' }, 'venv'), notBoth('interactive', { const: true }, 'stdin')],
  },
);

/** Two fields of which one that is as the schema says leaves no room for the other's text. */
function notBoth(name: string, schema: Schema, other: string): Schema {
  return { not: { required: [name, other], properties: { [name]: schema, [other]: { type: 'string' } } } };
}

/** The route. */
export const aboutExecute: RouteDescription = {
  name: 'execute',
  tag: 'Executions',
  summary: 'Run code',
  description:
    'Answers with all that came of it; an exception of the code is an answer too. With `Accept: application/x-ndjson` or `text/event-stream` it answers with events, as they happen.',
  body: {
    content: { 'application/json': { schema: executeBody, example: { code: 'print("hello")\n[1, 2.0, None]' } } },
  },
  answers: {
    200: {
      description: 'what came of it, or the events',
      content: { 'application/json': { schema: resultSchema }, ...eventStreams },
    },
    202: jsonAnswer('with `detach`: it has its place, and runs by itself', {
      type: 'object',
      properties: { executionId: string(), sessionId: string() },
      required: ['executionId', 'sessionId'],
    }),
  },
  refusals: [
    'INVALID_ARGUMENT',
    'SESSION_NOT_FOUND',
    'VENV_NOT_FOUND',
    'EXECUTION_ID_REUSED',
    'SESSION_CLOSED',
    'LOG_EXPIRED',
    'CONVERSION_FAILED',
    'QUEUE_FULL',
    'QUOTA_EXCEEDED',
  ],
};
