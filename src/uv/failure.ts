/** What uv says when it fails, as an error that a caller can act on. */
import { type BeepError, errors } from '../errors.ts';
import type { PackageIndex } from './package-index.ts';
import type { UvResult } from './run.ts';

/** What the call was about, for the text of its error. */
export interface UvContext {
  /** Version of the interpreter, such as `3.12.1`. */
  readonly python?: string;
  readonly index?: PackageIndex;
  /** What was asked for, as the caller wrote it. */
  readonly requested?: readonly string[];
  /** What was being done, such as `install packages`; the text begins with it where nothing better is known. */
  readonly action?: string;
}

/** The error for a call that did not exit with 0. */
export function uvFailure(result: UvResult, context: UvContext): BeepError {
  const action = context.action ?? 'change the environment';
  if (result.endedBy === 'cancel') return errors.cancelled();
  return errors.fromReason('RESOLUTION_FAILED', `could not ${action}: ${result.stderr.trim()}`);
}
