/** The schema of what came of an execution. */
import { OutcomeSchema, StopRungSchema } from '../../../gen/es/beep/python/v1/execute_pb.ts';
import type { Schema } from '../../../route-description.ts';
import { boolean, nameOf, nullable, type SchemasOf, seconds, string, whole } from './answer-schemas.ts';
import type { errorJson, finishedJson, resultJson } from './result-json.ts';

type Finished = ReturnType<typeof finishedJson>;

/** A value of Python's. */
export const valueSchema: Schema = {
  title: 'Value',
  description:
    'A Python value as JSON, exact. What plain JSON cannot say has a tag: `{"$int": "..."}` beyond 2^53, `{"$bytes": "base64"}`, `{"$tuple": [...]}`, `{"$float": "nan"}` and others. What stays in its session is a handle: `{"$ref", "typeName", "text"}`.',
};

const frame: Schema = {
  type: 'object',
  properties: {
    file: string('Path of the source file, or the name of the cell.'),
    line: whole('From 1.'),
    function: string(),
    source: string('The source line where it is known.'),
  } satisfies SchemasOf<ReturnType<typeof errorJson>['frames'][number]>,
};

const errorProperties: SchemasOf<ReturnType<typeof errorJson>> = {
  type: string('Name of the class, such as `ValueError`.'),
  module: string('Module of the class, such as `builtins`.'),
  message: string('str() of the exception.'),
  notes: { type: 'array', items: string() },
  traceback: string('The formatted traceback, bounded.'),
  frames: { type: 'array', items: frame, description: 'Innermost last.' },
};

/** An exception of the code. */
export const pythonErrorSchema: Schema = {
  title: 'PythonError',
  description: 'An exception that the code raised.',
  type: 'object',
  properties: errorProperties,
  required: Object.keys(errorProperties),
};

const stackProperties: SchemasOf<ReturnType<typeof finishedJson>['stoppedAt'][number]> = {
  threadName: string(),
  mainThread: boolean(),
  frames: { type: 'array', items: frame, description: 'Innermost last.' },
};

const usage: SchemasOf<Finished['usage']> = {
  wallSeconds: seconds('From its start to its end, by the clock.'),
  userCpuSeconds: seconds(),
  systemCpuSeconds: seconds(),
  peakResidentBytes: whole('The most memory that its process has had.'),
  stdoutBytes: whole('Bytes written, also those that were not kept.'),
  stderrBytes: whole(),
};

/** The fields that say how an execution ended. */
export const finishedProperties: SchemasOf<Finished> = {
  outcome: nameOf(OutcomeSchema, 'How it ended.'),
  statePreserved: boolean("The session's variables still exist."),
  exitCode: nullable({ type: 'integer', description: 'What the code exited with; with `EXITED`.' }),
  signal: nullable({ type: 'integer', description: 'The signal that killed its process; with `KILLED`.' }),
  stoppedBy: nameOf(StopRungSchema, 'What it took to stop it; null: it was not stopped.'),
  stoppedAt: {
    type: 'array',
    description: 'Where its threads were, the main one first, where it did not end at once when it was stopped.',
    items: { type: 'object', properties: stackProperties, required: Object.keys(stackProperties) },
  },
  generation: whole("The session's generation from now on."),
  message: string('A line for people: what ended it, and which limit.'),
  usage: { type: 'object', properties: usage, required: Object.keys(usage) },
};

/** Renderings of one object. */
export const bundleProperties: Readonly<Record<'data' | 'metadata', Schema>> = {
  data: {
    type: 'object',
    additionalProperties: string(),
    description: 'Renderings by MIME type: texts as they are, bytes as base64.',
  },
  metadata: { type: 'object' },
};

/** All that an answer of `POST /execute` has. */
export const resultProperties: SchemasOf<ReturnType<typeof resultJson>> = {
  result: valueSchema,
  resultText: string('The repr of the result, bounded.'),
  stdout: string('What was printed, cut at 1 MiB.'),
  stderr: string(),
  truncatedBytes: whole('How much was cut; the events have all.'),
  displays: { type: 'array', items: { type: 'object', properties: bundleProperties } },
  notices: { type: 'array', items: string() },
  ...finishedProperties,
  error: { anyOf: [pythonErrorSchema, { type: 'null' }] },
  sessionId: string(),
  executionId: string(),
  lastSeq: whole('The number of its last event.'),
};

/** What came of an execution. */
export const resultSchema: Schema = {
  title: 'ExecutionResult',
  description: 'What came of an execution.',
  type: 'object',
  properties: resultProperties,
  required: Object.keys(resultProperties),
};
