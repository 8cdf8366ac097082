/** The one file here that knows the worker's messages: an operation as the worker reads it, and what it answers. */
import { BeepError, GrpcCode, isReason } from '../errors.ts';
import { OriginalRequest, OriginalResponse } from '../gen/worker/beep/python/worker/v1/worker.ts';

/** What an operation is asked with; JSON is text. */
export type Request = Partial<Omit<OriginalRequest, 'operation'>>;

/** What has come of it. */
export type Response = Omit<OriginalResponse, 'reason' | 'message' | 'traceback'>;

/** An operation as bytes for a session. */
export function encodeOperation(operation: string, request: Request): Uint8Array {
  return OriginalRequest.encode(OriginalRequest.create({ operation, ...request })).finish();
}

/** The answer. Throws OperationError where it could not be done. */
export function decodeResponse(bytes: Uint8Array): Response {
  const { reason, message, traceback, ...response } = OriginalResponse.decode(bytes);
  if (reason === '') return response;
  throw new OperationError(reason, message, traceback);
}

/** Thrown for an operation that Python code, or the session, did not do. */
export class OperationError extends BeepError {
  /** Python's, whole; empty where no Python code raised. */
  readonly traceback: string;

  constructor(reason: string, message: string, traceback: string) {
    const known = isReason(reason) ? reason : 'INTERNAL';
    // What could not be sent is no fault of the request.
    super(known, message, known === 'CONVERSION_FAILED' ? { code: GrpcCode.INTERNAL } : {});
    this.traceback = traceback;
  }
}
