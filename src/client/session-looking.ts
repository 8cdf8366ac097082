/** Looking into a session, also while its code runs. Places in code are those of JavaScript's texts. */
import { Completeness } from '../gen/es/beep/python/v1/execute_pb.ts';
import type { CallOptions, Link } from './link.ts';
import { nameOf } from './names.ts';
import { persistently } from './persistence.ts';
import { frameOf, type PythonFrame } from './python-error.ts';

/** What could stand at a place. */
export interface Completions {
  readonly matches: readonly {
    readonly text: string;
    /** "function", "module", "keyword" ... */
    readonly kind: string;
    /** Of what can be called, where it is known. */
    readonly signature: string;
  }[];
  /** The part of the code that a match replaces. */
  readonly start: number;
  readonly end: number;
  /** How many more there are. */
  readonly omitted: number;
}

/** Whether code can be run as it is. */
export interface CodeCompleteness {
  /** "INCOMPLETE": more has to follow. "INVALID": whatever follows, it is a SyntaxError. */
  readonly state: Exclude<keyof typeof Completeness, 'UNSPECIFIED'>;
  /** The white space that the next line begins with. */
  readonly indent: string;
}

/** What stands at a place. */
export interface Inspection {
  readonly name: string;
  readonly typeName: string;
  /** Empty: it cannot be called. */
  readonly signature: string;
  readonly documentation: string;
  /** The source file, where it is known. */
  readonly file: string;
}

/** A variable of a session. */
export interface VariableInfo {
  readonly name: string;
  readonly typeName: string;
  /** Bounded, made without running the user's code. */
  readonly preview: string;
  /** 0: not known. */
  readonly sizeBytes: number;
  /** Of an array or a table. */
  readonly shape: readonly number[];
}

/** Where one thread is. */
export interface ThreadInfo {
  readonly threadName: string;
  /** The one that runs the caller's code. */
  readonly mainThread: boolean;
  /** Innermost last. */
  readonly frames: readonly PythonFrame[];
}

/** Completions at a place. */
export async function complete(
  link: Link,
  sessionId: string,
  code: string,
  at: number,
  { signal }: CallOptions,
): Promise<Completions> {
  const request = { sessionId, code, cursor: pointsBefore(code, at) };
  const answer = await persistently(link, () => link.services.execute.complete(request, { signal }), signal);
  return {
    matches: answer.matches.map(({ text, kind, signature }) => ({ text, kind, signature })),
    start: unitsBefore(code, answer.start),
    end: unitsBefore(code, answer.end),
    omitted: answer.omitted,
  };
}

/** Whether code is complete. */
export async function checkComplete(
  link: Link,
  sessionId: string,
  code: string,
  { signal }: CallOptions,
): Promise<CodeCompleteness> {
  const call = () => link.services.execute.checkComplete({ sessionId, code }, { signal });
  const { completeness, indent } = await persistently(link, call, signal);
  return { state: nameOf(Completeness, completeness) ?? 'COMPLETE', indent };
}

/** What stands at a place; undefined: nothing that is known. */
export async function inspect(
  link: Link,
  sessionId: string,
  code: string,
  at: number,
  { signal }: CallOptions,
): Promise<Inspection | undefined> {
  const request = { sessionId, code, cursor: pointsBefore(code, at) };
  const answer = await persistently(link, () => link.services.execute.inspect(request, { signal }), signal);
  const { found, name, typeName, signature, documentation, file } = answer;
  return found === true ? { name, typeName, signature, documentation, file } : undefined;
}

/** The variables. */
export async function variables(
  link: Link,
  sessionId: string,
  includePrivate: boolean,
  { signal }: CallOptions,
): Promise<readonly VariableInfo[]> {
  const call = () => link.services.execute.listVariables({ sessionId, includePrivate }, { signal });
  const answer = await persistently(link, call, signal);
  return answer.variables.map(({ name, typeName, preview, sizeBytes, shape }) => ({
    name,
    typeName,
    preview,
    sizeBytes: Number(sizeBytes),
    shape: shape.map(Number),
  }));
}

/** Where every thread is. */
export async function stacks(link: Link, sessionId: string, { signal }: CallOptions): Promise<readonly ThreadInfo[]> {
  const call = () => link.services.execute.dumpStacks({ sessionId }, { signal });
  const { threads } = await persistently(link, call, signal);
  return threads.map(({ threadName, mainThread, frames }) => ({ threadName, mainThread, frames: frames.map(frameOf) }));
}

/** The contract counts code points, JavaScript the halves of pairs. */
function pointsBefore(code: string, at: number): number {
  return [...code.slice(0, at)].length;
}

function unitsBefore(code: string, points: number): number {
  return [...code].slice(0, points).join('').length;
}
