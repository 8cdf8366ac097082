/** What the gateway refused or failed with, and what went wrong on the way to it. */
import { Code, ConnectError } from '@connectrpc/connect';
import { ErrorReason } from '../gen/es/beep/python/v1/error_pb.ts';
import { ErrorInfoSchema, RequestInfoSchema, RetryInfoSchema } from '../gen/es/google/rpc/error_details_pb.ts';
import { millisecondsOf } from './duration.ts';

/** What only a client can say, beside the reasons of the contract. */
export type ClientReason =
  /** There is no gateway to be found. */
  | 'NO_GATEWAY'
  /** Nothing answers at its address. */
  | 'UNREACHABLE'
  /** The connection broke, and did not come back in time; whether the call was carried out is not known. */
  | 'CONNECTION_LOST'
  /** What answered is no gateway of this kind: a proxy, or another server. */
  | 'FOREIGN_ANSWER'
  /** The client was closed. */
  | 'CLIENT_CLOSED';

/** Why a call failed: the name of an `ErrorReason`, or what a client alone can say. */
export type Reason = Exclude<keyof typeof ErrorReason, 'UNSPECIFIED'> | ClientReason;

/** What may come with a reason. */
export interface BeepErrorFacts {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly requestId?: string;
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** Reasons where the same call may succeed later, as the gateway's own table has them. */
const retryable: ReadonlySet<Reason> = new Set<Reason>([
  'QUEUE_FULL',
  'QUOTA_EXCEEDED',
  'DRAINING',
  'READER_TOO_SLOW',
  'DOWNLOAD_BLOCKED',
  'VENV_BUSY',
  'INDEX_UNREACHABLE',
  'WORKER_LOST',
  'SESSION_UNRESPONSIVE',
  'UNREACHABLE',
  'CONNECTION_LOST',
]);

/** Thrown when the gateway refuses or fails, or cannot be reached. Its message says what was wrong, and the next step. */
export class BeepError extends Error {
  override readonly name = 'BeepError';
  /** Why, for programs. */
  readonly reason: Reason;
  /** Facts for programs, such as `sessionId` or `path`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The same call may succeed later. */
  readonly retryable: boolean;
  /** When, where the gateway says so. */
  readonly retryAfterMs: number | undefined;
  /** What the gateway's log has it under. */
  readonly requestId: string | undefined;

  constructor(reason: Reason, message: string, facts: BeepErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.reason = reason;
    this.metadata = facts.metadata ?? {};
    this.retryable = retryable.has(reason);
    this.retryAfterMs = facts.retryAfterMs;
    this.requestId = facts.requestId;
  }
}

/** Whether the connection is what failed: nobody has said no. */
export function isLost(error: unknown): boolean {
  return error instanceof BeepError && (error.reason === 'CONNECTION_LOST' || error.reason === 'UNREACHABLE');
}

/** Whether an error has one of these reasons. */
export function hasReason(error: unknown, ...reasons: readonly Reason[]): boolean {
  return error instanceof BeepError && reasons.includes(error.reason);
}

/** Codes that only a server can have meant; others are what a broken connection looks like, too. */
const said: ReadonlySet<Code> = new Set([
  Code.NotFound,
  Code.AlreadyExists,
  Code.PermissionDenied,
  Code.FailedPrecondition,
  Code.OutOfRange,
  Code.Unimplemented,
  Code.Unauthenticated,
]);

/** What a call threw, as ours: the gateway's own reason where it gave one. Errors of ours pass. */
export function toBeepError(thrown: unknown): BeepError {
  if (thrown instanceof BeepError) return thrown;
  const error = ConnectError.from(thrown);
  const info = error.findDetails(ErrorInfoSchema).find(({ domain }) => domain === 'beep.python');
  if (info !== undefined && Object.hasOwn(ErrorReason, info.reason)) {
    const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
    const how = info.reason === 'MESSAGE_TOO_LARGE' ? ', as session.write and $readBytes do' : '';
    return new BeepError(info.reason as Reason, `${error.rawMessage}${how}`, {
      metadata: info.metadata,
      requestId: error.findDetails(RequestInfoSchema)[0]?.requestId,
      retryAfterMs: delay === undefined ? undefined : millisecondsOf(delay),
      cause: thrown,
    });
  }
  const facts = { cause: thrown };
  if (error.code === Code.DeadlineExceeded) return new BeepError('DEADLINE_EXCEEDED', error.rawMessage, facts);
  if (said.has(error.code)) {
    // What is not found over HTTP comes as this; so answers the RPC port to what is no gRPC.
    const orRpcPort = error.code === Code.Unimplemented ? ', or this is its RPC port, which speaks gRPC alone' : '';
    return new BeepError(
      'FOREIGN_ANSWER',
      `what answered is no beep-python gateway${orRpcPort}: ${error.message.trimEnd()}; check the address`,
      facts,
    );
  }
  return isRefused(thrown)
    ? new BeepError('UNREACHABLE', `nothing answers: ${error.rawMessage}; is the gateway running?`, facts)
    : new BeepError('CONNECTION_LOST', `the connection to the gateway broke: ${error.rawMessage}; call again`, facts);
}

/** Whether nothing was sent: there was no connection to begin with. */
function isRefused(thrown: unknown): boolean {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const { code } = error as { code?: unknown };
    if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EHOSTUNREACH' || code === 'EAI_AGAIN') return true;
  }
  return false;
}
