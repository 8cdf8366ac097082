/** Errors on plain routes: `{"error": {"reason", "message", "requestId", "metadata"?, "retryAfterSeconds"?}}`. */
import { type BeepError, toBeepError } from '../../errors.ts';
import type { RestAnswer } from './route.ts';

/** The error as an object of JSON. */
export function errorObject(thrown: unknown, requestId: string): Record<string, unknown> {
  const error = toBeepError(thrown);
  return {
    error: {
      reason: error.reason,
      message: error.message,
      requestId,
      ...(Object.keys(error.metadata).length > 0 && { metadata: error.metadata }),
      ...(error.retryAfterMs !== undefined && { retryAfterSeconds: error.retryAfterMs / 1000 }),
    },
  };
}

/** Headers that go with an error's HTTP status. */
export function errorHeaders(error: BeepError): Record<string, string> {
  const headers: Record<string, string> = {};
  if (error.retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(error.retryAfterMs / 1000));
  if (error.reason === 'UNAUTHENTICATED') headers['www-authenticate'] = 'Bearer realm="beep-python"';
  if (error.reason === 'METHOD_NOT_ALLOWED') headers.allow = error.metadata.allowed ?? '';
  return headers;
}

/** The error as an answer. */
export function errorAnswer(thrown: unknown, requestId: string): RestAnswer {
  const error = toBeepError(thrown);
  return {
    status: error.httpStatus,
    headers: { 'content-type': 'application/json', ...errorHeaders(error) },
    body: `${JSON.stringify(errorObject(error, requestId))}\n`,
  };
}
