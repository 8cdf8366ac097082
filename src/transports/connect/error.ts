/** Errors between our table and Connect's library. */

import { type Any, anyUnpack } from '@bufbuild/protobuf/wkt';
import { type Code, ConnectError } from '@connectrpc/connect';
import { codeToHttpStatus } from '@connectrpc/connect/protocol-connect';
import { BeepError, cut, GrpcCode, type Reason, toBeepError } from '../../errors.ts';
import { ErrorInfoSchema, RequestInfoSchema, RetryInfoSchema } from '../../gen/es/google/rpc/error_details_pb.ts';
import { errorDetails } from '../error-details.ts';
import { errorHeaders } from '../rest/error-json.ts';

/** An error of ours as the library sends it, with its details. */
export function toConnectError(thrown: unknown, requestId: string): ConnectError {
  const error = toBeepError(thrown);
  const details = errorDetails(error, requestId).map(outgoingDetail);
  return new ConnectError(error.message, error.code as Code, errorHeaders(error), details, error);
}

/** What the library found wrong with a request, as one of our errors. */
export function fromConnectError(thrown: unknown): BeepError {
  if (!(thrown instanceof ConnectError)) return toBeepError(thrown);
  if (thrown.cause instanceof BeepError) return thrown.cause;
  return fromCode(thrown.code, thrown.rawMessage);
}

/** The same from a code and a text. Whatever else the library says of a request, it could not read it. */
export function fromCode(code: number, message: string): BeepError {
  return new BeepError(reasonsOfCodes[code] ?? 'INVALID_ARGUMENT', cut(message, 500));
}

/** The HTTP status of a failed unary Connect call: the protocol's own, but where ours says more to what is in between. */
export function unaryHttpStatus(error: BeepError): number {
  return [405, 415, 421].includes(error.httpStatus) ? error.httpStatus : codeToHttpStatus(error.code as Code);
}

const reasonsOfCodes: Record<number, Reason> = {
  [GrpcCode.CANCELLED]: 'CANCELLED',
  [GrpcCode.DEADLINE_EXCEEDED]: 'DEADLINE_EXCEEDED',
  [GrpcCode.RESOURCE_EXHAUSTED]: 'MESSAGE_TOO_LARGE',
  [GrpcCode.UNIMPLEMENTED]: 'NOT_IMPLEMENTED',
};

function outgoingDetail(any: Any) {
  for (const desc of [ErrorInfoSchema, RetryInfoSchema, RequestInfoSchema]) {
    const value = anyUnpack(any, desc);
    if (value !== undefined) return { desc, value };
  }
  throw new Error(`not a detail of ours: ${any.typeUrl}`);
}
