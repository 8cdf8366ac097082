/** Errors on plain routes: `{"error": {"reason", "message", "requestId", "metadata"?, "retryAfterSeconds"?}}`. */
import { type BeepError, toBeepError } from '../../errors.ts';
import type { RestAnswer } from './route.ts';
import { plainName } from './routes/field-names.ts';

/** The error as an object of JSON. */
export function errorObject(thrown: unknown, requestId: string): Record<string, unknown> {
  const error = toBeepError(thrown);
  const { message, metadata } = inPlainNames(error);
  return {
    error: {
      reason: error.reason,
      message,
      requestId,
      ...(Object.keys(metadata).length > 0 && { metadata }),
      ...(error.retryAfterMs !== undefined && { retryAfterSeconds: error.retryAfterMs / 1000 }),
    },
  };
}

/** Services and workers name a field by its path in the proto files, and begin with it. */
function inPlainNames({ message, metadata }: BeepError): Pick<BeepError, 'message' | 'metadata'> {
  const { field } = metadata;
  if (field === undefined || !message.startsWith(field)) return { message, metadata };
  const name = plainName(field);
  return { message: name + message.slice(field.length), metadata: { ...metadata, field: name } };
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
    body: `${JSON.stringify({
      ...errorObject(error, requestId),
      // Callers of the original's server look for its words.
      ...(error.reason === 'ROUTE_NOT_FOUND' && { detail: 'Not Found' }),
    })}\n`,
  };
}
