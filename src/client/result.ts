/** All that came of an execution. */
import type { ExecutionResult as Message } from '../gen/es/beep/python/v1/execute_pb.ts';
import { type Ending, endingOf } from './ending.ts';
import { type MimeBundle, mimeBundleOf } from './mime.ts';
import { PythonError } from './python-error.ts';
import { decodeValue } from './values/decode.ts';
import type { ObjectOf } from './values/json.ts';

/** All that came of an execution. */
export interface ExecutionResult extends Ending {
  readonly executionId: string;
  readonly sessionId: string;
  /** The value of the last expression: exact, or a live object; undefined where there is none. None is null. */
  // biome-ignore lint/suspicious/noExplicitAny: what the code gives, its caller alone knows
  readonly value: any;
  /** Its repr, bounded. */
  readonly text: string;
  /** The live object, where it was asked for together with the value. */
  readonly object: unknown;
  /** Text output, at most 1 MiB of each stream; the events have all. */
  readonly stdout: string;
  readonly stderr: string;
  /** Bytes of output that did not fit. */
  readonly truncatedBytes: number;
  /** What the code showed, in order. */
  readonly displays: readonly MimeBundle[];
  /** The value's renderings, where they were asked for. */
  readonly mime: MimeBundle | undefined;
  /** What the code raised. */
  readonly error: PythonError | undefined;
  /** What else was worth saying. */
  readonly notices: readonly string[];
  /** The number of its last event. */
  readonly lastSeq: number;
}

/** The result of a message. */
export function resultOf(message: Message, objectOf: ObjectOf): ExecutionResult {
  if (message.finished === undefined) throw new TypeError('a result without an end');
  return {
    ...endingOf(message.finished),
    executionId: message.executionId,
    sessionId: message.sessionId,
    value: decodeValue(message.value, objectOf),
    text: message.text,
    object: message.handle === undefined ? undefined : objectOf(message.handle),
    stdout: message.stdout,
    stderr: message.stderr,
    truncatedBytes: Number(message.truncatedBytes),
    displays: message.displays.map((bundle) => mimeBundleOf(bundle, objectOf)),
    mime: message.mime === undefined ? undefined : mimeBundleOf(message.mime, objectOf),
    error: message.error === undefined ? undefined : new PythonError(message.error, objectOf),
    notices: message.notices.map(({ message: text }) => text),
    lastSeq: Number(message.lastSeq),
  };
}
