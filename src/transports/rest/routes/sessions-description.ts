/** `/sessions`, described. */
import type { ObjectSchema, RouteDescription, Schema } from '../../../route-description.ts';
import { jsonAnswer, string } from './answer-schemas.ts';
import { count, duration, flag, list, object, text, texts } from './field-schemas.ts';
import { maxUint32 } from './fields.ts';
import { sessionSchema } from './session-schema.ts';

const tag = 'Sessions';

/** What limits take. */
export const limitsBody: ObjectSchema = object(
  {
    memoryBytes: count({ field: 'Limits.memoryBytes' }, undefined, zeroOrFrom(16_777_216)),
    cpuSeconds: duration({ field: 'Limits.cpuTime' }, { minimum: 1e-9, maximum: 31_536_000 }),
    processes: count({ field: 'Limits.processes' }, maxUint32, zeroOrFrom(2)),
    openFiles: count({ field: 'Limits.openFiles' }, maxUint32, zeroOrFrom(16)),
    fileBytes: count({ field: 'Limits.fileBytes' }),
    outputBytes: count({ field: 'Limits.outputBytes' }),
  },
  { type: ['object', 'null'], description: "Bounds of the session; 0 or none: the host's default." },
);

function zeroOrFrom(least: number): Schema {
  return { anyOf: [{ maximum: 0 }, { minimum: least }] };
}

/** What a new session takes. */
export const sessionBody: ObjectSchema = object(
  {
    venv: text({ field: 'SessionSpec.venv' }),
    preload: list({ field: 'SessionSpec.preload' }),
    env: texts({ field: 'SessionSpec.env' }),
    cwd: text({ field: 'SessionSpec.cwd' }),
    idleTimeout: duration(
      'Seconds: it ends when nothing used it for so long; none: 30 minutes, or what the host says.',
      {
        minimum: 1e-9,
        maximum: 31_536_000,
      },
    ),
    limits: limitsBody,
    isolation: text('`none`, `limits`, `sandboxed` or `strong`.', {
      enum: ['none', 'limits', 'sandboxed', 'strong', null],
    }),
    key: text({ field: 'CreateSessionRequest.idempotencyKey' }),
    labels: texts({ field: 'SessionSpec.labels' }),
    closeOnDeath: flag({ field: 'SessionSpec.closeOnDeath' }),
  },
  { title: 'SessionBody' },
);

/** `POST /sessions` */
export const aboutCreate: RouteDescription = {
  name: 'createSession',
  tag,
  summary: 'Start a session',
  body: {
    isOptional: true,
    content: { 'application/json': { schema: sessionBody, example: { labels: { for: 'report' } } } },
  },
  answers: { 201: jsonAnswer('the session', sessionSchema) },
  refusals: ['INVALID_ARGUMENT', 'VENV_NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED', 'ISOLATION_UNAVAILABLE', 'QUOTA_EXCEEDED'],
};

/** `GET /sessions` */
export const aboutList: RouteDescription = {
  name: 'listSessions',
  tag,
  summary: 'Your sessions, newest first',
  query: {
    venv: { type: 'string', maxLength: 4096, description: 'Only those in this environment.' },
    label: {
      type: 'array',
      items: { type: 'string', pattern: '^[^=]{1,128}=.{0,256}$' },
      maxItems: 64,
      description: 'Only those with this label, such as `team=red`; as often as there are labels to ask for.',
    },
    includeClosed: { type: 'boolean', description: 'Also those that ended a short while ago.' },
    pageSize: { type: 'integer', minimum: 0, maximum: 1000, description: 'None: 100.' },
    pageToken: { type: 'string', maxLength: 1024, description: '`nextPageToken` of the page before.' },
  },
  answers: {
    200: jsonAnswer('a page of sessions', {
      type: 'object',
      properties: {
        sessions: { type: 'array', items: sessionSchema },
        nextPageToken: string('Empty: this is the last page.'),
      },
      required: ['sessions', 'nextPageToken'],
    }),
  },
  refusals: ['INVALID_ARGUMENT'],
};

/** `GET /sessions/{id}` */
export const aboutGet: RouteDescription = {
  name: 'getSession',
  tag,
  summary: 'One session',
  answers: { 200: jsonAnswer('the session', sessionSchema) },
  refusals: ['SESSION_NOT_FOUND'],
};

/** `POST /sessions/{id}/restart` */
export const aboutRestart: RouteDescription = {
  name: 'restartSession',
  tag,
  summary: 'A fresh interpreter under the same id, in the next generation',
  answers: { 200: jsonAnswer('the session', sessionSchema) },
  refusals: ['SESSION_NOT_FOUND', 'SESSION_CLOSED'],
};

/** `DELETE /sessions/{id}` */
export const aboutClose: RouteDescription = {
  name: 'closeSession',
  tag,
  summary: 'End a session and everything that it started',
  answers: { 200: jsonAnswer('its last state', sessionSchema) },
  refusals: ['SESSION_NOT_FOUND'],
};
