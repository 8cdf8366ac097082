/** What both entries of the client have in common. */
export { BeepError, type ClientReason, type Reason } from './beep-error.ts';
export { type Ending, ExecutionStopped, type OutcomeName, type StopRungName } from './ending.ts';
export type { ExecutionEvent } from './events.ts';
export type { ExecuteOptions, ResultOptions, Source } from './execute-request.ts';
export {
  type AttachOptions,
  Execution,
  type InputOptions,
  type Interrupted,
  type InterruptOptions,
} from './execution.ts';
export { type ClientOptions, Gateway, type HostInfo, type SessionFilter } from './gateway.ts';
export type { BatchOutput, CallOptions, Services } from './link.ts';
export type { MimeBundle } from './mime.ts';
export { type Keywords, kwargs } from './objects/keywords.ts';
export type {
  DescribeOptions,
  Description,
  EnteredContext,
  ItemsOptions,
  ObjectFacts,
  ObjectOperations,
  PythonObject,
  PythonPath,
  ValueOptions,
} from './objects/python-object.ts';
export type { BatchOptions } from './objects/scope.ts';
export type { Progress, TransferOptions } from './objects/transfer.ts';
export type { WriteOptions } from './objects/writing.ts';
export { PythonError, type PythonFrame } from './python-error.ts';
export type { ExecutionResult } from './result.ts';
export { OwnSession, Runner, Session } from './session.ts';
export type { Limits, SessionInfo, SessionOptions } from './session-options.ts';
export { NdArray, type TypedArray } from './values/array.ts';
export { Float, FrozenSet, float, Scalar, scalar, Tuple, tuple } from './values/kinds.ts';
