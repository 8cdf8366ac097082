/** Errors as the original's JSON formats say them. */
import { type BeepError, toBeepError } from '../errors.ts';
import { OperationError } from './codec.ts';
import { BadFields, type Fault } from './fields.ts';

/** An error as the answer of an HTTP format. */
export interface FailureAnswer {
  readonly status: number;
  /** A JSON object. */
  readonly body: string;
}

/** `{"error", "reason", "traceback"?}`: of `/api/*`, `/rpc/*` and the pipe. */
export function failureAnswer(thrown: unknown, more: Readonly<Record<string, unknown>> = {}): FailureAnswer {
  const error = toBeepError(thrown);
  const { message, reason } = error;
  const traceback = tracebackOf(error);
  return {
    status: statusOf(error),
    body: JSON.stringify({ error: message, reason, ...(traceback !== '' && { traceback }), ...more }),
  };
}

/** `{"detail": ...}`, as FastAPI's: of the root routes. */
export function detailAnswer(thrown: unknown, withTraceback: boolean): FailureAnswer {
  const error = toBeepError(thrown);
  if (error.reason === 'INVALID_ARGUMENT' && error.metadata.position !== undefined) {
    const { position } = error.metadata;
    const fault = { type: 'json_invalid', loc: ['body', Number(position)], msg: 'JSON decode error', input: '{}' };
    return { status: 422, body: faultsText([fault]) };
  }
  if (error.reason === 'METHOD_NOT_ALLOWED') return { status: 405, body: '{"detail":"Method Not Allowed"}' };
  if (error instanceof BadFields) return { status: 422, body: faultsText(error.faults) };
  const traceback = tracebackOf(error);
  const detail = withTraceback && traceback !== '' ? `${error.message}\n${traceback}` : error.message;
  const status = error.reason === 'INVALID_ARGUMENT' ? 422 : statusOf(error);
  return { status, body: JSON.stringify({ detail }) };
}

/** Where Python code raised: its traceback. */
export function tracebackOf(error: BeepError): string {
  return error instanceof OperationError ? error.traceback : '';
}

/** A result that cannot be sent is no fault of the request. */
function statusOf(error: BeepError): number {
  return error instanceof OperationError && error.reason === 'CONVERSION_FAILED' ? 500 : error.httpStatus;
}

function faultsText(faults: readonly Fault[]): string {
  const texts = faults.map(
    ({ type, loc, msg, input }) =>
      `{"type":${JSON.stringify(type)},"loc":${JSON.stringify(loc)},"msg":${JSON.stringify(msg)},"input":${input}}`,
  );
  return `{"detail":[${texts.join(',')}]}`;
}
