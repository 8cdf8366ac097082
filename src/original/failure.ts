/** Errors as the original's JSON formats say them. */
import { type BeepError, toBeepError } from '../errors.ts';
import type { Schema } from '../route-description.ts';
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

/** That object. */
export const failureSchema: Schema = {
  title: 'OriginalError',
  type: 'object',
  properties: {
    error: { type: 'string', description: 'What was wrong.' },
    reason: { type: 'string', description: 'A reason of the contract; `PYTHON_ERROR`: an exception.' },
    traceback: { type: 'string', description: "The exception's." },
  },
  required: ['error', 'reason'],
};

/** `{"detail": ...}`, as FastAPI's: of the root routes. */
export function detailAnswer(thrown: unknown, withTraceback: boolean): FailureAnswer {
  const error = toBeepError(thrown);
  if (error.reason === 'METHOD_NOT_ALLOWED') return { status: 405, body: '{"detail":"Method Not Allowed"}' };
  if (error.reason === 'INVALID_ARGUMENT') return { status: 422, body: faultsText(faultsOf(error)) };
  const traceback = tracebackOf(error);
  const detail = withTraceback && traceback !== '' ? `${error.message}\n${traceback}` : error.message;
  return { status: statusOf(error), body: JSON.stringify({ detail }) };
}

/** That object. */
export const detailSchema: Schema = {
  title: 'FastApiError',
  type: 'object',
  properties: {
    detail: { description: 'What was wrong: a text, or with status 422 a list of what each field lacks.' },
  },
  required: ['detail'],
};

/** Where Python code raised: its traceback. */
export function tracebackOf(error: BeepError): string {
  return error instanceof OperationError ? error.traceback : '';
}

/** A result that cannot be sent is no fault of the request. */
function statusOf(error: BeepError): number {
  return error instanceof OperationError && error.reason === 'CONVERSION_FAILED' ? 500 : error.httpStatus;
}

function faultsOf(error: BeepError): readonly Fault[] {
  if (error instanceof BadFields) return error.faults;
  const { position } = error.metadata;
  if (position !== undefined)
    return [{ type: 'json_invalid', loc: ['body', Number(position)], msg: 'JSON decode error', input: '{}' }];
  return [{ type: 'value_error', loc: ['body'], msg: error.message, input: 'null' }];
}

function faultsText(faults: readonly Fault[]): string {
  const texts = faults.map(
    ({ type, loc, msg, input }) =>
      `{"type":${JSON.stringify(type)},"loc":${JSON.stringify(loc)},"msg":${JSON.stringify(msg)},"input":${input}}`,
  );
  return `{"detail":[${texts.join(',')}]}`;
}
