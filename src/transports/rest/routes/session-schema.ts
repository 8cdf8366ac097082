/** The schema of a session. */
import {
  CloseReasonSchema,
  SessionOriginSchema,
  SessionStateSchema,
} from '../../../gen/es/beep/python/v1/execute_pb.ts';
import { IsolationLevelSchema } from '../../../gen/es/beep/python/v1/host_pb.ts';
import type { Schema } from '../../../route-description.ts';
import { nameOf, type SchemasOf, seconds, string, time, whole } from './answer-schemas.ts';
import type { sessionJson } from './session-json.ts';

const properties: SchemasOf<ReturnType<typeof sessionJson>> = {
  sessionId: string(),
  generation: whole('Grows with every fresh interpreter under this id.'),
  state: nameOf(SessionStateSchema),
  origin: nameOf(SessionOriginSchema, 'How its interpreter came to be.'),
  venv: string('Name or path of its environment.'),
  venvGeneration: whole(),
  pythonVersion: string('Such as `3.12.4`.'),
  pid: whole("Process id on the gateway's machine; 0 while there is no process."),
  createdAt: time(),
  usedAt: time(),
  expiresAt: time('When it ends unless used or renewed; null: by itself it does not, or it has ended.'),
  acquireSeconds: seconds('How long its start took.'),
  isolation: nameOf(IsolationLevelSchema),
  isolationDetails: { type: 'array', items: string(), description: 'The mechanisms of isolation in force.' },
  limits: {
    type: 'object',
    properties: {
      memoryBytes: whole(),
      cpuSeconds: seconds(),
      processes: whole(),
      openFiles: whole(),
      fileBytes: whole(),
      outputBytes: whole(),
    },
    description: 'Its bounds; those that are not there are none.',
  },
  runningItemId: string('The execution or batch that runs; empty: none.'),
  queuedItems: whole('Executions and batches that wait for their turn.'),
  labels: { type: 'object', additionalProperties: string() },
  workspace: string('The folder that relative paths start from.'),
  workerId: string(),
  closeReason: nameOf(CloseReasonSchema, 'Why it ended; null: it has not.'),
  closeMessage: string('The same for people.'),
  usage: {
    type: 'object',
    properties: { residentBytes: whole(), cpuSeconds: seconds(), processes: whole() },
    description: 'What it takes now; in `GET /sessions/{id}`.',
  },
};

const { usage: _, ...always } = properties;

/** A session. */
export const sessionSchema: Schema = {
  title: 'Session',
  description: 'A Python process that keeps its variables between executions.',
  type: 'object',
  properties,
  required: Object.keys(always),
};
