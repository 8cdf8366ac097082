/**
 * The one table of everything that this gateway refuses or fails with: reason, gRPC code, HTTP status, whether a retry
 * helps, and the texts. Transports turn a BeepError into what their wire says; nobody else invents a status.
 */

/** gRPC's status codes; Connect's have the same numbers. */
export const GrpcCode = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** What a reason means on the wires. */
export interface ReasonRow {
  readonly code: number;
  readonly httpStatus: number;
  /** The same call may succeed later, or on the next try. */
  readonly retryable: boolean;
}

const row = (code: keyof typeof GrpcCode, httpStatus: number, retryable = false): ReasonRow => ({
  code: GrpcCode[code],
  httpStatus,
  retryable,
});

/** Every reason: the names of the enum `ErrorReason` without their prefix. */
export const reasons = {
  INVALID_ARGUMENT: row('INVALID_ARGUMENT', 400),
  UNAUTHENTICATED: row('UNAUTHENTICATED', 401),
  FORBIDDEN: row('PERMISSION_DENIED', 403),
  ORIGIN_REFUSED: row('PERMISSION_DENIED', 403),
  DEADLINE_TOO_LONG: row('INVALID_ARGUMENT', 400),
  QUEUE_FULL: row('RESOURCE_EXHAUSTED', 429, true),
  QUOTA_EXCEEDED: row('RESOURCE_EXHAUSTED', 429, true),
  DRAINING: row('UNAVAILABLE', 503, true),
  NOT_IMPLEMENTED: row('UNIMPLEMENTED', 501),
  INTERNAL: row('INTERNAL', 500),
  HOST_REFUSED: row('PERMISSION_DENIED', 421),
  MESSAGE_TOO_LARGE: row('RESOURCE_EXHAUSTED', 413),
  READER_TOO_SLOW: row('ABORTED', 409, true),
  IDEMPOTENCY_KEY_REUSED: row('ALREADY_EXISTS', 409),
  ROUTE_NOT_FOUND: row('UNIMPLEMENTED', 404),
  METHOD_NOT_ALLOWED: row('INVALID_ARGUMENT', 405),
  CONTENT_TYPE_REFUSED: row('INVALID_ARGUMENT', 415),
  DEADLINE_EXCEEDED: row('DEADLINE_EXCEEDED', 504),
  CANCELLED: row('CANCELLED', 499),

  RUNTIME_NOT_FOUND: row('NOT_FOUND', 404),
  RUNTIME_BROKEN: row('FAILED_PRECONDITION', 409),
  RUNTIME_IN_USE: row('FAILED_PRECONDITION', 409),
  DOWNLOAD_BLOCKED: row('UNAVAILABLE', 503, true),
  CHECKSUM_MISMATCH: row('DATA_LOSS', 502),
  DOWNLOAD_INVALID: row('DATA_LOSS', 502),
  PYTHON_INCOMPATIBLE: row('FAILED_PRECONDITION', 409),

  VENV_NOT_FOUND: row('NOT_FOUND', 404),
  VENV_EXISTS: row('ALREADY_EXISTS', 409),
  VENV_NAME_INVALID: row('INVALID_ARGUMENT', 400),
  VENV_BUSY: row('ABORTED', 409, true),
  VENV_IN_USE: row('FAILED_PRECONDITION', 409),
  VENV_BROKEN: row('FAILED_PRECONDITION', 409),
  VENV_PROTECTED: row('FAILED_PRECONDITION', 409),
  PACKAGE_SPEC_INVALID: row('INVALID_ARGUMENT', 400),
  PACKAGE_NOT_FOUND: row('NOT_FOUND', 404),
  RESOLUTION_FAILED: row('FAILED_PRECONDITION', 409),
  NO_MATCHING_WHEEL: row('FAILED_PRECONDITION', 409),
  BUILD_FAILED: row('FAILED_PRECONDITION', 409),
  BUILD_FORBIDDEN: row('FAILED_PRECONDITION', 409),
  INDEX_UNREACHABLE: row('UNAVAILABLE', 503, true),
  INDEX_UNAUTHORIZED: row('FAILED_PRECONDITION', 409),
  CERTIFICATE_NOT_TRUSTED: row('UNAVAILABLE', 503),
  OFFLINE_MISS: row('FAILED_PRECONDITION', 409),
  DISK_FULL: row('RESOURCE_EXHAUSTED', 507),

  SESSION_NOT_FOUND: row('NOT_FOUND', 404),
  SESSION_CLOSED: row('FAILED_PRECONDITION', 410),
  STALE_GENERATION: row('ABORTED', 409),
  EXECUTION_NOT_FOUND: row('NOT_FOUND', 404),
  EXECUTION_ID_REUSED: row('ALREADY_EXISTS', 409),
  LOG_EXPIRED: row('FAILED_PRECONDITION', 410),
  NOTHING_RUNNING: row('FAILED_PRECONDITION', 409),
  INPUT_NOT_EXPECTED: row('FAILED_PRECONDITION', 409),
  ISOLATION_UNAVAILABLE: row('FAILED_PRECONDITION', 409),
  WORKER_LOST: row('UNAVAILABLE', 503, true),
  START_FAILED: row('UNAVAILABLE', 503),
  SESSION_UNRESPONSIVE: row('UNAVAILABLE', 503, true),

  HANDLE_NOT_FOUND: row('NOT_FOUND', 404),
  STALE_HANDLE: row('FAILED_PRECONDITION', 409),
  CONVERSION_FAILED: row('INVALID_ARGUMENT', 422),
  VALUE_TOO_LARGE: row('RESOURCE_EXHAUSTED', 413),
  SKIPPED: row('FAILED_PRECONDITION', 409),
  PYTHON_ERROR: row('INTERNAL', 500),
} as const satisfies Record<string, ReasonRow>;

/** Name of an `ErrorReason`, without its prefix. */
export type Reason = keyof typeof reasons;

/** Domain of `google.rpc.ErrorInfo` in every error of ours. */
export const errorDomain = 'beep.python';

/** Longer messages are cut: what is long travels in message bodies. */
export const maxErrorMessageBytes = 8000;

/** What may come with a reason. */
export interface BeepErrorOptions {
  /** Facts for programs: ids, bounds, names. */
  metadata?: Record<string, string>;
  retryAfterMs?: number;
  cause?: unknown;
  /** Only where another protocol prescribes its own, as grpc.health.v1 does. */
  code?: number;
}

/** Thrown wherever this gateway refuses or fails. */
export class BeepError extends Error {
  override readonly name = 'BeepError';
  readonly reason: Reason;
  /** gRPC's and Connect's number. */
  readonly code: number;
  readonly httpStatus: number;
  readonly retryable: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly retryAfterMs: number | undefined;

  constructor(reason: Reason, message: string, options: BeepErrorOptions = {}) {
    super(cut(message, maxErrorMessageBytes), options.cause === undefined ? undefined : { cause: options.cause });
    const { code, httpStatus, retryable } = reasons[reason];
    this.reason = reason;
    this.code = options.code ?? code;
    this.httpStatus = httpStatus;
    this.retryable = retryable;
    this.metadata = boundedMetadata(options.metadata ?? {});
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** One constructor for each kind of error. What comes from outside is quoted and bounded. */
export const errors = {
  /** A refusal that a worker sent: its reason by name. A name that we do not know is an internal error. */
  fromReason(reason: string, message: string, options: BeepErrorOptions = {}): BeepError {
    if (isReason(reason)) return new BeepError(reason, message, options);
    return errors.internal(options.cause ?? new Error(`unknown reason ${quoted(reason)}: ${cut(message, 500)}`));
  },

  invalidArgument: (message: string, metadata?: Record<string, string>) =>
    new BeepError('INVALID_ARGUMENT', message, { metadata }),

  /** `nearest` is what the caller may have meant, `known` all that there is. */
  unknownField: (field: string, nearest: string | undefined, known: readonly string[]) =>
    new BeepError(
      'INVALID_ARGUMENT',
      `unknown field: ${quoted(field)}; ${nearest === undefined ? `known are ${known.join(', ')}` : `did you mean ${nearest}?`}`,
      { metadata: { field } },
    ),

  /** The hint says where the token is and what else would let the caller in. */
  unauthenticated: (hint: string) => new BeepError('UNAUTHENTICATED', hint),

  forbidden: (message: string, metadata?: Record<string, string>) => new BeepError('FORBIDDEN', message, { metadata }),

  originRefused: (origin: string) =>
    new BeepError('ORIGIN_REFUSED', `origin is not allowed: ${quoted(origin)}; allow it with --allow-origin`, {
      metadata: { origin },
    }),

  /** The browser says that another site made it send this, and names no origin. */
  crossSiteRefused: () =>
    new BeepError('ORIGIN_REFUSED', 'a request from another site is not allowed without an allowed Origin'),

  hostRefused: (host: string) =>
    new BeepError('HOST_REFUSED', `host is not one of ours: ${quoted(host)}; allow it with --allow-host`, {
      metadata: { host },
    }),

  hostMissing: () => new BeepError('INVALID_ARGUMENT', 'the request names no host; send a Host header'),

  deadlineTooLong: (timeoutMs: number, maxTimeoutMs: number) =>
    new BeepError('DEADLINE_TOO_LONG', `timeout is too long: ${timeoutMs} ms; at most ${maxTimeoutMs} ms`, {
      metadata: { timeoutMs: String(timeoutMs), maxTimeoutMs: String(maxTimeoutMs) },
    }),

  queueFull: (waiting: number, retryAfterMs = 2000) =>
    new BeepError('QUEUE_FULL', `queue is full: ${waiting} waiting; retry after ${seconds(retryAfterMs)}`, {
      metadata: { waiting: String(waiting) },
      retryAfterMs,
    }),

  /** `quota` names the bound, such as `sessions`; `limit` is its value. */
  quotaExceeded: (quota: string, limit: number, options: { retryAfterMs?: number; hint?: string } = {}) =>
    new BeepError('QUOTA_EXCEEDED', `too many ${quota}: at most ${limit}${hinted(options)}`, {
      metadata: { quota, limit: String(limit) },
      retryAfterMs: options.retryAfterMs,
    }),

  draining: (cause?: unknown) =>
    new BeepError('DRAINING', 'the gateway is shutting down; call again when it is back', { cause }),

  notImplemented: (what: string) => new BeepError('NOT_IMPLEMENTED', `${cut(what, 200)} is not implemented`),

  /** Something of ours broke; the cause goes to the log, never to the caller. */
  internal: (cause?: unknown) =>
    new BeepError('INTERNAL', "something broke inside the gateway; its log says what, under this call's request id", {
      cause,
    }),

  messageTooLarge: (maxBytes: number, bytes?: number) =>
    new BeepError(
      'MESSAGE_TOO_LARGE',
      `message is too large: ${bytes === undefined ? '' : `${bytes} bytes, `}at most ${maxBytes} bytes; send large data in chunks`,
      { metadata: { maxBytes: String(maxBytes) } },
    ),

  readerTooSlow: (executionId: string, nextSeq: number | bigint) =>
    new BeepError('READER_TOO_SLOW', `reader lags too far behind; read on from seq ${nextSeq}`, {
      metadata: { executionId, nextSeq: String(nextSeq) },
      retryAfterMs: 0,
    }),

  readStalled: (stalledMs: number, nextOffset: number) =>
    new BeepError(
      'READER_TOO_SLOW',
      `nothing of the read was taken for ${Math.round(stalledMs / 1000)} s; read on from offset ${nextOffset}`,
      { metadata: { nextOffset: String(nextOffset) }, retryAfterMs: 0 },
    ),

  watcherTooSlow: (maxWaiting: number) =>
    new BeepError(
      'READER_TOO_SLOW',
      `reader lags too far behind: ${maxWaiting} events waited; watch again, what is there is told first`,
      { retryAfterMs: 0 },
    ),

  /** Output that was dropped while it was read, as one stream of bytes. */
  outputGone: (offset: number | bigint, keptFrom: number | bigint) =>
    new BeepError(
      'READER_TOO_SLOW',
      `reader lags too far behind: output from ${offset} on is gone; read on from offset ${keptFrom}`,
      {
        metadata: { nextOffset: String(keptFrom) },
        retryAfterMs: 0,
      },
    ),

  idempotencyKeyReused: (key: string) =>
    new BeepError('IDEMPOTENCY_KEY_REUSED', `key was used for another request: ${quoted(key)}; take a new key`, {
      metadata: { key },
    }),

  /** `what` is the path, the service or the method that does not exist. */
  routeNotFound: (what: string) =>
    new BeepError(
      'ROUTE_NOT_FOUND',
      `there is nothing at ${quoted(what)}; docs/guides/plain-http.md has the routes, reflection the methods`,
    ),

  methodNotAllowed: (method: string, allowed: readonly string[]) =>
    new BeepError('METHOD_NOT_ALLOWED', `method is not allowed here: ${cut(method, 40)}; use ${allowed.join(' or ')}`, {
      metadata: { allowed: allowed.join(', ') },
    }),

  contentTypeRefused: (contentType: string, accepted: readonly string[]) =>
    new BeepError(
      'CONTENT_TYPE_REFUSED',
      `content type is not accepted: ${contentType === '' ? 'none' : quoted(contentType)}; send ${accepted.join(' or ')}`,
      { metadata: { accepted: accepted.join(', ') } },
    ),

  contentEncodingRefused: (encoding: string) =>
    new BeepError(
      'CONTENT_TYPE_REFUSED',
      `content encoding is not accepted: ${quoted(encoding)}; send the body without compression`,
      { metadata: { accepted: 'identity' } },
    ),

  deadlineExceeded: (timeoutMs?: number) =>
    new BeepError(
      'DEADLINE_EXCEEDED',
      timeoutMs === undefined ? 'the deadline has passed' : `the deadline of ${Math.round(timeoutMs)} ms has passed`,
    ),

  cancelled: (why = 'the caller cancelled the call') => new BeepError('CANCELLED', why),

  runtimeNotFound: (wanted: string, hint = 'list the runtimes, or install one') =>
    new BeepError('RUNTIME_NOT_FOUND', `no such Python runtime: ${quoted(wanted)}; ${hint}`, {
      metadata: { runtime: wanted },
    }),
  runtimeBroken: (runtime: string, why: string, cause?: unknown) =>
    new BeepError(
      'RUNTIME_BROKEN',
      `runtime does not work: ${quoted(runtime)}: ${why}; reinstall it, or take another`,
      {
        metadata: { runtime },
        cause,
      },
    ),
  runtimeInUse: (runtime: string, venvs: readonly string[]) =>
    new BeepError(
      'RUNTIME_IN_USE',
      `runtime is in use: ${quoted(runtime)}, by ${listed(venvs)}; delete these environments first`,
      { metadata: { runtime, venvs: venvs.join(',') } },
    ),
  pythonIncompatible: (message: string, options: BeepErrorOptions = {}) =>
    new BeepError('PYTHON_INCOMPATIBLE', message, options),

  venvNotFound: (name: string) =>
    new BeepError('VENV_NOT_FOUND', `no such environment: ${quoted(name)}; create it, or list those there are`, {
      metadata: { venv: name },
    }),
  /** By somebody else, while a change waited for its turn. */
  venvDeleted: (name: string) =>
    new BeepError('VENV_NOT_FOUND', `environment was deleted meanwhile: ${quoted(name)}; create it anew`, {
      metadata: { venv: name },
    }),
  venvExists: (name: string) =>
    new BeepError('VENV_EXISTS', `environment exists already: ${quoted(name)}; take another name, or ensure it`, {
      metadata: { venv: name },
    }),
  venvNameInvalid: (name: string, why: string) =>
    new BeepError('VENV_NAME_INVALID', `not a name for an environment: ${quoted(name)}: ${why}`, {
      metadata: { venv: name },
    }),
  venvBusy: (name: string, operation: string, retryAfterMs = 1000) =>
    new BeepError('VENV_BUSY', `environment is busy: ${quoted(name)}: ${operation}; retry when it is done`, {
      metadata: { venv: name, operation },
      retryAfterMs,
    }),
  /** Sessions of other callers are counted, not named. */
  venvInUse: (name: string, sessionIds: readonly string[], others = 0) => {
    const own = sessionIds.length === 0 ? [] : [listed(sessionIds)];
    const foreign = others === 0 ? [] : [`${others} of other callers`];
    return new BeepError(
      'VENV_IN_USE',
      `environment is in use: ${quoted(name)}, by sessions ${[...own, ...foreign].join(' and ')}; close them, or force it`,
      { metadata: { venv: name, sessionIds: sessionIds.join(','), otherSessions: String(others) } },
    );
  },
  venvBroken: (name: string, why: string, cause?: unknown, hint = brokenVenvHint(name)) =>
    new BeepError('VENV_BROKEN', `environment is broken: ${quoted(name)}: ${why}; ${hint}`, {
      metadata: { venv: name },
      cause,
    }),
  venvProtected: (name: string, why = 'the gateway itself needs it') =>
    new BeepError('VENV_PROTECTED', `environment is protected: ${quoted(name)}: ${why}`, {
      metadata: { venv: name },
    }),
  packageSpecInvalid: (spec: string, why: string, where?: string) =>
    new BeepError(
      'PACKAGE_SPEC_INVALID',
      `not a package requirement: ${where === undefined ? '' : `${where} `}${quoted(spec)}: ${why}`,
      { metadata: { spec, ...(where !== undefined && { field: where }) } },
    ),

  sessionNotFound: (sessionId: string) =>
    new BeepError('SESSION_NOT_FOUND', `no such session: ${quoted(sessionId)}; list the sessions, or create one`, {
      metadata: { sessionId },
    }),
  /** `closeReason` is the name of a CloseReason, without its prefix. */
  sessionClosed: (sessionId: string, why: string, closeReason: string) =>
    new BeepError('SESSION_CLOSED', `session is closed: ${quoted(sessionId)}: ${why}; create a new one`, {
      metadata: { sessionId, why, closeReason },
    }),
  staleGeneration: (sessionId: string, wanted: number, current: number, why?: string) =>
    new BeepError(
      'STALE_GENERATION',
      `session is in generation ${current}, not ${wanted}${why ? `: ${why}` : ''}; its state was lost, build it anew`,
      { metadata: { sessionId, wanted: String(wanted), generation: String(current) } },
    ),
  executionNotFound: (executionId: string) =>
    new BeepError('EXECUTION_NOT_FOUND', `no such execution: ${quoted(executionId)}`, { metadata: { executionId } }),
  executionIdReused: (executionId: string) =>
    new BeepError(
      'EXECUTION_ID_REUSED',
      `execution id was used for another request: ${quoted(executionId)}; take a new id`,
      { metadata: { executionId } },
    ),
  logExpired: (executionId: string, why = 'events are kept for 10 minutes after the end') =>
    new BeepError('LOG_EXPIRED', `log is gone: ${quoted(executionId)}: ${why}`, { metadata: { executionId } }),
  nothingRunning: (what: string) =>
    new BeepError('NOTHING_RUNNING', `nothing is running: ${quoted(what)}`, { metadata: { what } }),
  /** `why` is one of none, preset, ended, end_of_file, not_open. */
  inputNotExpected: (executionId: string, why: string, text: string) =>
    new BeepError('INPUT_NOT_EXPECTED', `input is not expected: ${quoted(executionId)}: ${text}`, {
      metadata: { executionId, why },
    }),
  isolationUnavailable: (level: string, mechanism: string) =>
    new BeepError(
      'ISOLATION_UNAVAILABLE',
      `isolation ${level} cannot be had here: ${mechanism}; ask for another level`,
      {
        metadata: { level, mechanism },
      },
    ),
  workerLost: (why: string, options: { retryAfterMs?: number; cause?: unknown } = {}) =>
    new BeepError('WORKER_LOST', `the worker was lost: ${why}; call again`, { retryAfterMs: 200, ...options }),
  startFailed: (what: string, why: string, cause?: unknown) =>
    new BeepError('START_FAILED', `${what} did not start: ${why}`, { cause }),

  handleNotFound: (handle: string) =>
    new BeepError('HANDLE_NOT_FOUND', `no such handle: ${quoted(handle)}`, { metadata: { handle } }),
  /** `why` is one of disposed, lease expired, restarted, other session. */
  staleHandle: (handle: string, why: string) =>
    new BeepError('STALE_HANDLE', `handle is stale: ${quoted(handle)}: ${why}; obtain the object again`, {
      metadata: { handle, why },
    }),
  conversionFailed: (path: string, why: string) =>
    new BeepError('CONVERSION_FAILED', `cannot be converted: ${cut(path, 200)}: ${why}`, { metadata: { path } }),
  /** Large data broke off: its session, or the worker, has gone; who knows more says so instead. */
  cutShort: (bytes: number) =>
    new BeepError('SESSION_UNRESPONSIVE', `the session let go after ${bytes} bytes; read on from there`, {
      metadata: { carriedBytes: String(bytes) },
    }),
  valueTooLarge: (bytes: number, maxBytes: number) =>
    new BeepError('VALUE_TOO_LARGE', `value is too large: ${bytes} bytes, at most ${maxBytes}; read it in chunks`, {
      metadata: { bytes: String(bytes), maxBytes: String(maxBytes) },
    }),
} as const;

/** Whether a text is the name of a reason. */
export function isReason(text: string): text is Reason {
  return Object.hasOwn(reasons, text);
}

/** Any thrown value as ours. What we did not make is INTERNAL: its text may hold paths, so it stays in `cause`. */
export function toBeepError(thrown: unknown): BeepError {
  if (thrown instanceof BeepError) return thrown;
  if (thrown instanceof Error && thrown.name === 'AbortError') {
    return thrown.cause instanceof BeepError ? thrown.cause : errors.cancelled();
  }
  return errors.internal(thrown);
}

/** A text from outside for a message: quoted, on one line, at most 200 characters. */
export function quoted(text: string): string {
  return JSON.stringify(cut(text, 200));
}

/** A text of at most so many UTF-8 bytes; what was cut shows. */
export function cut(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes) return text.isWellFormed() ? text : text.toWellFormed();
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= maxBytes) return bytes.toString('utf8');
  let end = maxBytes - 3;
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  return `${bytes.toString('utf8', 0, end)}...`;
}

function boundedMetadata(metadata: Record<string, string>): Record<string, string> {
  const bounded: Record<string, string> = {};
  for (const [key, value] of Object.entries(metadata)) if (value !== undefined) bounded[key] = cut(value, 300);
  return bounded;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).map(quoted).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

function hinted(options: { retryAfterMs?: number; hint?: string }): string {
  const retry = options.retryAfterMs === undefined ? '' : `; retry after ${seconds(options.retryAfterMs)}`;
  return options.hint === undefined ? retry : `; ${options.hint}${retry}`;
}

function seconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`;
}

/** The next step where an environment cannot be used; an absolute path is the name of one that is not ours. */
export function brokenVenvHint(name: string): string {
  return name.startsWith('/')
    ? 'it is not ours to repair: make it anew with what made it, or name another'
    : 'ensure it again, which makes it anew';
}
