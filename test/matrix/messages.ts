/** From the public messages to what the scenarios compare, for the transports that carry messages. */
import { create, type DescEnum, type MessageInitShape } from '@bufbuild/protobuf';
import { type Duration, DurationSchema, timestampMs } from '@bufbuild/protobuf/wkt';
import type { PythonError } from '../../src/gen/es/beep/python/v1/error_pb.ts';
import {
  CloseReasonSchema,
  type ExecuteRequestSchema,
  type ExecutionEvent,
  type ExecutionInfo,
  type ExecutionResult,
  ExecutionState,
  ExecutionStateSchema,
  type Finished,
  type InputDataSchema,
  InputMode,
  type InteractRequestSchema,
  type ListExecutionsRequestSchema,
  NoticeKindSchema,
  OnDisconnect,
  OutcomeSchema,
  type Output,
  OutputStream,
  type Session,
  SessionOriginSchema,
  type SessionSpecSchema,
  SessionStateSchema,
  StopRungSchema,
} from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { type WorkerInfo, WorkerStateSchema } from '../../src/gen/es/beep/python/v1/host_pb.ts';
import type { PythonValue, PythonValueSchema } from '../../src/gen/es/beep/python/v1/value_pb.ts';
import type {
  Ending,
  Event,
  ExecutionQuery,
  Info,
  Input,
  OutputQuery,
  OutputRead,
  PythonFailure,
  Result,
  RunRequest,
  Said,
  SessionSpec,
  SessionState,
  Value,
  WorkerFacts,
} from './client.ts';

/** What to run, as a message. */
export function executeRequest(request: RunRequest): MessageInitShape<typeof ExecuteRequestSchema> {
  const { sessionId, fresh, venv, executionId, timeoutSeconds, stdin, interactive, detach, argv, env, cwd } = request;
  return {
    where:
      fresh || venv !== undefined
        ? { case: 'fresh', value: { venv } }
        : sessionId === undefined
          ? undefined
          : { case: 'sessionId', value: sessionId },
    source: sourceOf(request),
    executionId,
    argv,
    env,
    cwd,
    timeout: timeoutSeconds === undefined ? undefined : durationOf(timeoutSeconds),
    stdin: stdin === undefined ? undefined : Buffer.from(stdin),
    inputMode: interactive ? InputMode.INTERACTIVE : undefined,
    onDisconnect: detach ? OnDisconnect.DETACH : undefined,
  };
}

function sourceOf(request: RunRequest): MessageInitShape<typeof ExecuteRequestSchema>['source'] {
  const { code = '', script, module, function: name, args = [], kwargs = {} } = request;
  if (script !== undefined) return { case: 'script', value: { path: script } };
  if (module !== undefined) return { case: 'module', value: { name: module } };
  if (name === undefined) return { case: 'code', value: code };
  const values = Object.entries(kwargs).map(([key, value]) => [key, jsonValue(value)] as const);
  return { case: 'function', value: { name, args: args.map(jsonValue), kwargs: Object.fromEntries(values) } };
}

function jsonValue(value: unknown): MessageInitShape<typeof PythonValueSchema> {
  return { kind: { case: 'json', value: JSON.stringify(value) } };
}

/** Input, as a message. */
export function inputData({ text = '', eof, requestId }: Input): MessageInitShape<typeof InputDataSchema> {
  return { data: Buffer.from(text), endOfFile: eof, requestId };
}

/** One message of a conversation. */
export function interactRequest(said: Said): MessageInitShape<typeof InteractRequestSchema> {
  if ('execute' in said) return { message: { case: 'execute', value: executeRequest(said.execute) } };
  if ('join' in said) return { message: { case: 'join', value: { executionId: said.join } } };
  if ('input' in said) return { message: { case: 'input', value: inputData(said.input) } };
  return { message: { case: 'interrupt', value: {} } };
}

/** All that came of an execution. */
export function resultOf(result: ExecutionResult): Result {
  const { text, stdout, stderr, sessionId, executionId } = result;
  return {
    ...endingOf(result.finished),
    value: pythonValue(result.value),
    text,
    stdout,
    stderr,
    truncatedBytes: Number(result.truncatedBytes),
    error: failureOf(result.error),
    sessionId,
    executionId,
    lastSeq: Number(result.lastSeq),
  };
}

/** An execution as it stands. */
export function infoOf(info: ExecutionInfo): Info {
  return {
    state: nameOf(ExecutionStateSchema, info.state),
    executionId: info.executionId,
    sessionId: info.sessionId,
    nextSeq: Number(info.nextSeq),
    result: info.result && resultOf(info.result),
  };
}

/** A session as it stands. */
export function sessionOf(session: Session): SessionState {
  const { id, generation, venv, pid, isolationDetails } = session;
  return {
    id,
    generation,
    venv,
    pid,
    isolationDetails,
    state: nameOf(SessionStateSchema, session.state),
    origin: nameOf(SessionOriginSchema, session.origin),
    expiresAt: session.expiresAt === undefined ? 0 : timestampMs(session.expiresAt),
    closeReason: nameOf(CloseReasonSchema, session.closeReason),
  };
}

/** A worker as it stands. */
export function workerOf(worker: WorkerInfo): WorkerFacts {
  const { id, pid, sessions, restarts, lastError, templates } = worker;
  return {
    id,
    pid,
    state: nameOf(WorkerStateSchema, worker.state),
    sessions,
    restarts,
    lastError,
    templates: templates.map(({ venv, pid }) => ({ venv, pid })),
  };
}

/** What a session should be, as a message. */
export function specOf({
  idleTimeoutSeconds,
  limits,
  ...spec
}: SessionSpec): MessageInitShape<typeof SessionSpecSchema> {
  return {
    ...spec,
    idleTimeout: idleTimeoutSeconds === undefined ? undefined : durationOf(idleTimeoutSeconds),
    limits: limits && {
      ...limits,
      memoryBytes: limits.memoryBytes === undefined ? undefined : BigInt(limits.memoryBytes),
      fileBytes: limits.fileBytes === undefined ? undefined : BigInt(limits.fileBytes),
      outputBytes: limits.outputBytes === undefined ? undefined : BigInt(limits.outputBytes),
      cpuTime: limits.cpuSeconds === undefined ? undefined : durationOf(limits.cpuSeconds),
    },
  };
}

/** Which executions are wanted, as a message. */
export function executionsRequest({
  states = [],
  ...query
}: ExecutionQuery): MessageInitShape<typeof ListExecutionsRequestSchema> {
  return { ...query, states: states.map((name) => ExecutionState[name]) };
}

/** One event. */
export function eventOf({ executionId, seq: number, body }: ExecutionEvent): Event {
  const common = { executionId, seq: Number(number) };
  switch (body.case) {
    case 'accepted': {
      const { sessionId, generation, queuePosition } = body.value;
      return { ...common, type: 'accepted', sessionId, generation, queuePosition };
    }
    case 'started':
      return { ...common, type: 'started', pid: body.value.pid, executionCount: body.value.executionCount };
    case 'output': {
      const { stream, data, offset } = body.value;
      const type = stream === OutputStream.STDERR ? 'stderr' : 'stdout';
      return { ...common, type, data: Buffer.from(data), offset: Number(offset) };
    }
    case 'result':
      return { ...common, type: 'result', value: pythonValue(body.value.value), text: body.value.text };
    case 'error':
      return { ...common, type: 'error', error: failureOf(body.value) as PythonFailure };
    case 'notice':
      return {
        ...common,
        type: 'notice',
        kind: nameOf(NoticeKindSchema, body.value.kind),
        message: body.value.message,
      };
    case 'inputRequest': {
      const { requestId, prompt, password } = body.value;
      return { ...common, type: 'inputRequest', requestId, prompt, password };
    }
    case 'dropped': {
      const { firstSeq, lastSeq, bytes, reason } = body.value;
      const numbers = { firstSeq: Number(firstSeq), lastSeq: Number(lastSeq), bytes: Number(bytes) };
      return { ...common, type: 'dropped', ...numbers, reason };
    }
    case 'heartbeat':
      return { ...common, type: 'heartbeat', nextSeq: Number(body.value.nextSeq) };
    case 'finished':
      return { ...common, type: 'finished', ...endingOf(body.value) };
    case undefined:
      throw new Error('an event without a body');
    default:
      return { ...common, type: body.case };
  }
}

/** Seconds as a message. */
export function durationOf(seconds: number): Duration {
  const whole = Math.trunc(seconds);
  return create(DurationSchema, { seconds: BigInt(whole), nanos: Math.round((seconds - whole) * 1e9) });
}

/** The name of an enum's value without its prefix; null for UNSPECIFIED. */
export function nameOf(schema: DescEnum, value: number): string | null {
  return value === 0 ? null : (schema.value[value]?.localName ?? `unknown value ${value}`);
}

function endingOf(finished: Finished | undefined): Ending {
  if (finished === undefined) throw new Error('an execution that has not finished');
  if (finished.statePreserved === undefined) throw new Error('state_preserved must always be set');
  const { statePreserved, generation, message, usage } = finished;
  return {
    outcome: nameOf(OutcomeSchema, finished.outcome),
    statePreserved,
    generation,
    exitCode: finished.exitCode ?? null,
    signal: finished.signal ?? null,
    stoppedBy: nameOf(StopRungSchema, finished.stoppedBy),
    message,
    stdoutBytes: Number(usage?.stdoutBytes ?? 0),
    stderrBytes: Number(usage?.stderrBytes ?? 0),
    wallSeconds: usage?.wall === undefined ? 0 : Number(usage.wall.seconds) + usage.wall.nanos / 1e9,
  };
}

function failureOf(error: PythonError | undefined): PythonFailure | null {
  if (error === undefined) return null;
  const frames = error.frames.map(({ file, line, function: name, source }) => ({ file, line, function: name, source }));
  const { typeName, module, message, traceback } = error;
  return { type: typeName, module, message, traceback, frames };
}

/** Written out here once more, so that the product's own way of saying it is put to the test too. */
function pythonValue(value: PythonValue | undefined): Value | undefined {
  if (value?.kind.case === undefined) return undefined;
  const { kind } = value;
  switch (kind.case) {
    case 'none':
      return { kind: kind.case, text: 'null' };
    case 'boolean':
      return { kind: kind.case, text: kind.value ? 'true' : 'false' };
    case 'integer': {
      const isExact = kind.value >= -(2n ** 53n) && kind.value <= 2n ** 53n;
      return { kind: kind.case, text: isExact ? `${kind.value}` : `{"$int":"${kind.value}"}` };
    }
    case 'bigInteger':
      return { kind: kind.case, text: `{"$int":"${kind.value}"}` };
    case 'real':
      return { kind: kind.case, text: realText(kind.value) };
    case 'text':
      return { kind: kind.case, text: JSON.stringify(kind.value) };
    case 'binary':
      return { kind: kind.case, text: `{"$bytes":"${Buffer.from(kind.value).toString('base64')}"}` };
    case 'json':
      return { kind: kind.case, text: kind.value };
    case 'scalar':
      return { kind: kind.case, text: JSON.stringify({ $scalar: [kind.value.typeName, kind.value.text] }) };
    case 'object': {
      const { id, typeName, text } = kind.value;
      return { kind: kind.case, text: JSON.stringify({ $ref: id, typeName, text }) };
    }
    default:
      return { kind: kind.case, text: '' };
  }
}

function realText(value: number): string {
  if (Number.isNaN(value)) return '{"$float":"nan"}';
  if (value === Number.POSITIVE_INFINITY) return '{"$float":"inf"}';
  if (value === Number.NEGATIVE_INFINITY) return '{"$float":"-inf"}';
  if (Object.is(value, -0)) return '-0.0';
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : `${value}`;
}

/** A request for output. */
export function outputRequest(executionId: string, { stream, offset = 0, length = 0 }: OutputQuery) {
  return {
    executionId,
    stream: stream === 'stderr' ? OutputStream.STDERR : OutputStream.STDOUT,
    offset: BigInt(offset),
    length: BigInt(length),
  };
}

/** Its answer, whose pieces must follow one another. */
export async function outputRead(pieces: AsyncIterable<Output>): Promise<OutputRead> {
  const data: Buffer[] = [];
  let first: number | undefined;
  let next: number | undefined;
  for await (const piece of pieces) {
    const offset = Number(piece.offset);
    if (next !== undefined && offset !== next) throw new Error(`offset ${offset} after ${next}`);
    first ??= offset;
    next = offset + piece.data.length;
    data.push(Buffer.from(piece.data));
  }
  return { offset: first, data: Buffer.concat(data) };
}
