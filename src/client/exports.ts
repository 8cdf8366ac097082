/** What both entries of the client have in common. */
export { BeepError, type ClientReason, type Reason } from './beep-error.ts';
export { type Ending, ExecutionStopped, type OutcomeName, type StopRungName } from './ending.ts';
export type { ExecutionEvent } from './events.ts';
export type { ExecuteOptions, ResultOptions } from './execute-request.ts';
export {
  type AttachOptions,
  Execution,
  type InputOptions,
  type Interrupted,
  type InterruptOptions,
} from './execution.ts';
export { type ClientOptions, Gateway, type SessionFilter } from './gateway.ts';
export type { HostEvent, HostInfo, HostStats, WorkerInfo } from './host.ts';
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
export type { RuntimeInfo } from './runtime-info.ts';
export { type RuntimeFilter, Runtimes } from './runtimes.ts';
export { OwnSession, Runner, Session } from './session.ts';
export type { CodeCompleteness, Completions, Inspection, ThreadInfo, VariableInfo } from './session-looking.ts';
export type { Limits, SessionInfo, SessionOptions } from './session-options.ts';
export type { Source } from './source.ts';
export type { WorkProgress } from './updates.ts';
export { NdArray, type TypedArray } from './values/array.ts';
export { Float, FrozenSet, float, Scalar, scalar, Tuple, tuple } from './values/kinds.ts';
export type { PackageChange, PackageInfo, VenvChange, VenvInfo } from './venv-info.ts';
export type { EnsureOptions, IndexOptions, InstallOptions, VenvOptions } from './venv-options.ts';
export { Venvs } from './venvs.ts';
export { Work } from './work.ts';
