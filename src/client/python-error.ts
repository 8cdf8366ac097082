/** Exceptions of Python, thrown here. */
import type { PythonError as Message, StackFrame } from '../gen/es/beep/python/v1/error_pb.ts';
import { decodeValue } from './values/decode.ts';
import type { ObjectOf } from './values/json.ts';

/** One frame of a Python stack. */
export interface PythonFrame {
  /** Path of the source file, or the name of the cell. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly function: string;
  /** The source line where it is known. */
  readonly source: string;
}

/** Thrown when Python code raised. `message` is `str()` of the exception, `cause` the exception that it came of. */
export class PythonError extends Error {
  override readonly name = 'PythonError';
  /** The exception that it came of: by `raise ... from`, or while it was handled. */
  declare readonly cause: PythonError | undefined;
  /** Name of the class, such as "ValueError". */
  readonly type: string;
  /** Module of the class, such as "builtins". */
  readonly module: string;
  /** Qualified names of the class and its bases, nearest first. */
  readonly mro: readonly string[];
  /** The exception's arguments, as far as they go by value. */
  readonly args: readonly unknown[];
  /** What `add_note` added. */
  readonly notes: readonly string[];
  /** Innermost last. */
  readonly frames: readonly PythonFrame[];
  /** As Python prints it, bounded. */
  readonly traceback: string;
  /** The exception being handled when this one was raised, unless suppressed; `cause` has it too where there is no other. */
  readonly context: PythonError | undefined;
  /** Members of an exception group. */
  readonly group: readonly PythonError[];

  constructor(message: Message, objectOf: ObjectOf) {
    const inner = (error: Message | undefined) => (error === undefined ? undefined : new PythonError(error, objectOf));
    const context = inner(message.context);
    const cause = inner(message.cause) ?? context;
    super(message.message, cause === undefined ? undefined : { cause });
    this.type = message.typeName;
    this.module = message.module;
    this.mro = message.mro;
    this.args = message.args.map((value) => decodeValue(value, objectOf));
    this.notes = message.notes;
    this.frames = message.frames.map(frameOf);
    this.traceback = message.traceback;
    this.context = context;
    this.group = message.group.map((member) => new PythonError(member, objectOf));
    // What a log shows: what was raised in Python, and from where it was called here.
    const [, ...here] = (this.stack ?? '').split(/\n(?=\s+at )/);
    this.stack = [`PythonError: ${this.traceback.trimEnd() || this.type}`, ...here].join('\n');
  }

  /** Whether it is of this class or of one that is derived from it: `isInstance('OSError')`, `isInstance('app.Refused')`. */
  isInstance(name: string): boolean {
    return this.mro.includes(name) || this.mro.includes(`builtins.${name}`);
  }
}

/** A frame as it is shown. */
export function frameOf({ file, line, function: name, source }: StackFrame): PythonFrame {
  return { file, line, function: name, source };
}
