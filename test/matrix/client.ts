/**
 * One small client interface for every transport, in the words of the plain routes: what an adapter hands over is what
 * its wire said, in a form that the scenarios can compare.
 */

import type { DescMethodBiDiStreaming, DescMethodUnary, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import type { Timestamp } from '@bufbuild/protobuf/wkt';

/** Where a client calls, and as whom. */
export interface Target {
  readonly http: string;
  readonly rpc: string;
  readonly token: string;
}

/** What to run: one of the first four. */
export interface RunRequest {
  readonly code?: string;
  readonly script?: string;
  readonly module?: string;
  readonly function?: string;
  /** What a function is called with: anything that JSON can say, with the tags of the contract. */
  readonly args?: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
  readonly argv?: string[];
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly sessionId?: string;
  /** A fresh session in the default environment. */
  readonly fresh?: boolean;
  /** A fresh session in this environment: a name or a path. */
  readonly venv?: string;
  readonly executionId?: string;
  readonly timeoutSeconds?: number;
  /** All that the code can read. */
  readonly stdin?: string;
  /** The code asks its caller. */
  readonly interactive?: boolean;
  /** It goes on when its caller leaves. */
  readonly detach?: boolean;
}

/** How one call differs. */
export interface CallOptions {
  /** The caller goes away when it is aborted. */
  readonly signal?: AbortSignal;
  /** The gateway is to end the call by then; the client does not look at the time itself. Not on the plain routes. */
  readonly deadlineMs?: number;
}

/** A Python value: its text in the form of the contract's `json` values, and its kind where the wire tells it. */
export interface Value {
  readonly text: string;
  readonly kind: string | undefined;
}

/** An exception of the code. */
export interface PythonFailure {
  readonly type: string;
  readonly module: string;
  readonly message: string;
  readonly traceback: string;
  readonly frames: { file: string; line: number; function: string; source: string }[];
}

/** How an execution ended. */
export interface Ending {
  readonly outcome: string | null;
  readonly statePreserved: boolean;
  readonly generation: number;
  readonly exitCode: number | null;
  readonly signal: number | null;
  readonly stoppedBy: string | null;
  readonly message: string;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  readonly wallSeconds: number;
}

/** All that came of an execution. */
export interface Result extends Ending {
  readonly value: Value | undefined;
  readonly text: string;
  readonly stdout: string;
  readonly stderr: string;
  /** What the two texts leave out. */
  readonly truncatedBytes: number;
  readonly error: PythonFailure | null;
  readonly sessionId: string;
  readonly executionId: string;
  readonly lastSeq: number;
}

/** One event; the fields are those of its type. */
export type Event = { readonly executionId: string; readonly seq: number } & (
  | { type: 'accepted'; sessionId: string; generation: number; queuePosition: number }
  | { type: 'started'; pid: number; executionCount: number }
  | { type: 'stdout'; data: Buffer; offset: number }
  | { type: 'stderr'; data: Buffer; offset: number }
  | { type: 'result'; value: Value | undefined; text: string }
  | { type: 'error'; error: PythonFailure }
  | { type: 'notice'; kind: string | null; message: string }
  | ({ type: 'finished' } & Ending)
  | { type: 'inputRequest'; requestId: number; prompt: string; password: boolean }
  | { type: 'dropped'; firstSeq: number; lastSeq: number; bytes: number; reason: string }
  | { type: 'heartbeat'; nextSeq: number }
  | { type: 'display' | 'clearOutput' }
);

/** An execution as it stands. */
export interface Info {
  readonly state: string | null;
  readonly executionId: string;
  readonly sessionId: string;
  readonly nextSeq: number;
  readonly result: Result | undefined;
}

/** What a session should be. */
export interface SessionSpec {
  readonly venv?: string;
  readonly preload?: string[];
  readonly env?: Record<string, string>;
  readonly closeOnDeath?: boolean;
  readonly labels?: Record<string, string>;
  readonly idleTimeoutSeconds?: number;
  readonly limits?: Limits;
}

/** What a session may take at most. */
export interface Limits {
  readonly memoryBytes?: number;
  readonly cpuSeconds?: number;
  readonly processes?: number;
  readonly openFiles?: number;
  readonly fileBytes?: number;
  readonly outputBytes?: number;
}

/** One worker process. */
export interface WorkerFacts {
  readonly id: string;
  readonly pid: number;
  readonly state: string | null;
  readonly sessions: number;
  readonly restarts: number;
  readonly lastError: string;
  readonly templates: readonly { venv: string; pid: number }[];
}

/** Something that happened on the host. */
export interface HostEvent {
  readonly kind: string;
  readonly subject: string;
  readonly message: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** When it happened, by the gateway's clock. */
  readonly time?: Timestamp | undefined;
}

/** Which sessions are wanted. */
export interface SessionQuery {
  readonly venv?: string;
  readonly labels?: Record<string, string>;
  readonly includeClosed?: boolean;
  readonly pageSize?: number;
  readonly pageToken?: string;
}

/** Which executions are wanted. */
export interface ExecutionQuery {
  readonly sessionId?: string;
  readonly states?: ('QUEUED' | 'RUNNING' | 'FINISHED')[];
  readonly pageSize?: number;
  readonly pageToken?: string;
}

/** A session as it stands. */
export interface SessionState {
  readonly id: string;
  readonly generation: number;
  readonly state: string | null;
  readonly origin: string | null;
  readonly venv: string;
  readonly pid: number;
  readonly expiresAt: number;
  readonly closeReason: string | null;
  readonly isolationDetails: readonly string[];
}

/** What a gateway says of itself. */
export interface HostFacts {
  readonly version: string;
  readonly principal: string;
  readonly defaultVenv: string;
  readonly sessionsOpen: number;
}

/** What is wanted of an execution's output. */
export interface OutputQuery {
  readonly stream: 'stdout' | 'stderr';
  /** Negative: counted from the end. */
  readonly offset?: number;
  readonly length?: number;
}

/** Bytes of one stream. */
export interface OutputRead {
  /** Of the first byte; undefined where there is none. */
  readonly offset: number | undefined;
  readonly data: Buffer;
}

/** Input for code that asks. */
export interface Input {
  readonly text?: string;
  readonly eof?: boolean;
  readonly requestId?: number;
}

/** One message of a conversation. */
export type Said = { execute: RunRequest } | { join: string } | { input: Input } | { interrupt: true };

/** What an interrupt came to. */
export interface Interrupted {
  readonly stoppedBy: string | null;
  readonly statePreserved: boolean;
}

/** Any method of the contract, where a transport carries messages. */
export interface Calls {
  unary<M extends DescMethodUnary>(
    method: M,
    request: MessageInitShape<M['input']>,
    options?: CallOptions,
  ): Promise<MessageShape<M['output']>>;
  /** Where it carries both directions at once. */
  converse<M extends DescMethodBiDiStreaming>(
    method: M,
    requests: AsyncIterable<MessageInitShape<M['input']>>,
    options?: CallOptions,
  ): AsyncIterable<MessageShape<M['output']>>;
}

/** What to read of a live object. */
export interface ObjectQuery {
  readonly sessionId: string;
  readonly handleId: string;
  readonly offset?: number;
  readonly length?: number;
  readonly form?: 'bytes' | 'tensor' | 'arrow' | 'items' | 'jsonColumns';
}

/** A live object that is being read. */
export interface ObjectRead {
  readonly dtype: string | undefined;
  readonly shape: number[] | undefined;
  readonly offset: number;
  /** Its bytes; or its items, each as the text of a JSON value, with a newline behind it. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** What to write. */
export interface ObjectToWrite {
  readonly sessionId: string;
  readonly dtype?: string;
  readonly shape?: readonly number[];
  readonly totalBytes?: number;
  readonly assignTo?: string;
  readonly writeId?: string;
  readonly offset?: number;
}

/** What has come of that. */
export interface ObjectWritten {
  /** Undefined while bytes are missing. */
  readonly handleId: string | undefined;
  readonly typeName: string | undefined;
  readonly receivedBytes: number;
}

/** The calls that every transport has. Each rejects with a CallFailed. */
export interface Client {
  readonly calls?: Calls;
  run(request: RunRequest, options?: CallOptions): Promise<Result>;
  execute(request: RunRequest, options?: CallOptions): AsyncIterable<Event>;
  watch(executionId: string, fromSeq: number, options?: CallOptions): AsyncIterable<Event>;
  get(executionId: string, waitSeconds?: number): Promise<Info>;
  readOutput(executionId: string, query: OutputQuery): Promise<OutputRead>;
  interrupt(
    target: { sessionId: string } | { executionId: string },
    how?: { graceSeconds?: number; kill?: boolean },
  ): Promise<Interrupted>;
  sendInput(executionId: string, input: Input): Promise<void>;
  /** Where the transport carries both directions at once. */
  interact?(said: AsyncIterable<Said>, options?: CallOptions): AsyncIterable<Event>;
  createSession(spec?: SessionSpec, key?: string): Promise<SessionState>;
  getSession(sessionId: string): Promise<SessionState>;
  listSessions(query?: SessionQuery): Promise<SessionState[]>;
  sessionsPage(query: SessionQuery): Promise<{ sessions: SessionState[]; nextPageToken: string }>;
  renewSession(sessionId: string, idleTimeoutSeconds?: number): Promise<SessionState>;
  restartSession(sessionId: string): Promise<SessionState>;
  executionsPage(query?: ExecutionQuery): Promise<{ executions: Info[]; nextPageToken: string }>;
  closeSession(sessionId: string): Promise<SessionState>;
  host(): Promise<HostFacts>;
  /** The plain routes have neither of these two. */
  workers?(): Promise<WorkerFacts[]>;
  watchHost?(options?: CallOptions): AsyncIterable<HostEvent>;
  /** A handle of what an expression gives. */
  hold(sessionId: string, expression: string): Promise<string>;
  readObject(query: ObjectQuery, options?: CallOptions): Promise<ObjectRead>;
  writeObject(what: ObjectToWrite, data: AsyncIterable<Uint8Array>, options?: CallOptions): Promise<ObjectWritten>;
  close(): void;
}

/** A call that was refused, or broke. */
export class CallFailed extends Error {
  /** An `ErrorReason` without its prefix; undefined where the gateway did not say one. */
  readonly reason: string | undefined;
  /** gRPC's and Connect's number; undefined on the plain routes. */
  readonly code: number | undefined;
  readonly httpStatus: number | undefined;
  readonly requestId: string | undefined;

  constructor(
    message: string,
    facts: { reason?: string; code?: number; httpStatus?: number; requestId?: string; cause?: unknown } = {},
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.reason = facts.reason;
    this.code = facts.code;
    this.httpStatus = facts.httpStatus;
    this.requestId = facts.requestId;
  }
}
