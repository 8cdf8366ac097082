/** What to run, and how. */
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type ExecuteRequest,
  ExecuteRequestSchema,
  InputMode,
  OnDisconnect,
  type SessionSpecSchema,
  WhenBehind,
} from '../gen/es/beep/python/v1/execute_pb.ts';
import { ResultForm } from '../gen/es/beep/python/v1/value_pb.ts';
import { durationOf } from './duration.ts';
import type { CallOptions } from './link.ts';
import { newId } from './new-id.ts';
import { checked, type Names } from './option-names.ts';
import { argvOf, type EncodeArgument, type Source, sourceOf } from './source.ts';

/** The form in which a result comes back. */
export interface ResultOptions {
  /** "AUTO": plain values by value, everything else as a live object. */
  readonly form?: Exclude<keyof typeof ResultForm, 'UNSPECIFIED'>;
  /** The largest value sent inline; 65,536 unless named. */
  readonly maxInlineBytes?: number;
  /** Allow lossy conversions: numpy scalars to Python's, subclasses to their base, bytearray to bytes. */
  readonly lenient?: boolean;
  /**
   * Take a numpy scalar as the number, boolean or text that it is: nothing of it is lost but its class. True unless
   * named; with false it is a live object, as everything is that has no exact value.
   */
  readonly numpyScalars?: boolean;
}

/** How one execution differs. */
export interface ExecuteOptions extends CallOptions {
  /** A name of your own: who runs the same again under it joins, and nothing runs twice. */
  readonly executionId?: string;
  /** From when the code runs; then it is stopped. */
  readonly timeoutMs?: number;
  /** Longest wait for its turn. */
  readonly queueTimeoutMs?: number;
  /** How long the code may take to give in when it is stopped, before its process is killed. */
  readonly interruptGraceMs?: number;
  /** Environment variables, for this execution only. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder to run in, for this execution only. */
  readonly cwd?: string;
  /** `sys.argv[1:]` of code. */
  readonly argv?: readonly string[];
  /** All that the code can read; then end of file. */
  readonly stdin?: string | Uint8Array;
  /** The code asks its caller: an `inputRequest` event, answered by `sendInput`. */
  readonly interactive?: boolean;
  /** Bytes of output, both streams together; then it is stopped. */
  readonly maxOutputBytes?: number;
  /** What happens when events are read more slowly than the code writes: it waits, or the oldest are dropped. */
  readonly whenBehind?: 'block' | 'drop';
  /**
   * "reattach": a connection that breaks is made again, and the events go on where they were; the code goes on
   * meanwhile, also if this program is no more. "cancel": the code is stopped.
   */
  readonly onConnectionLost?: 'reattach' | 'cancel';
  readonly result?: ResultOptions;
  /** MIME types in which the result is wanted too, such as "text/html". */
  readonly mimeTypes?: readonly string[];
  /** Refused unless it is the session's; 0: any. */
  readonly generation?: number;
}

const resultNames: Names<ResultOptions> = { form: true, maxInlineBytes: true, lenient: true, numpyScalars: true };

const executeNames: Names<ExecuteOptions> = {
  signal: true,
  executionId: true,
  timeoutMs: true,
  queueTimeoutMs: true,
  interruptGraceMs: true,
  env: true,
  cwd: true,
  argv: true,
  stdin: true,
  interactive: true,
  maxOutputBytes: true,
  whenBehind: true,
  onConnectionLost: true,
  result: true,
  mimeTypes: true,
  generation: true,
};

/** Where it runs: in a session, or in a fresh one that is made for it. */
export type Where =
  | { readonly sessionId: string }
  | { readonly fresh: MessageInitShape<typeof SessionSpecSchema> | undefined };

/** The request of an execution. */
export function executeRequest(
  source: Source,
  where: Where,
  options: ExecuteOptions,
  encode: EncodeArgument,
): ExecuteRequest {
  const { stdin, whenBehind, onConnectionLost, result } = checked(options, executeNames, 'an execution');
  checked(result, resultNames, 'result');
  return create(ExecuteRequestSchema, {
    where:
      'fresh' in where ? { case: 'fresh', value: where.fresh ?? {} } : { case: 'sessionId', value: where.sessionId },
    source: sourceOf(source, encode),
    executionId: options.executionId ?? newId(),
    generation: options.generation,
    env: { ...options.env },
    cwd: options.cwd,
    argv: argvOf(source, options.argv),
    stdin: typeof stdin === 'string' ? new TextEncoder().encode(stdin) : (stdin as Uint8Array<ArrayBuffer> | undefined),
    inputMode: inputModeOf(options),
    timeout: durationOf(options.timeoutMs, 'timeoutMs'),
    queueTimeout: durationOf(options.queueTimeoutMs, 'queueTimeoutMs'),
    interruptGrace: durationOf(options.interruptGraceMs, 'interruptGraceMs'),
    onDisconnect: onConnectionLost === 'cancel' ? OnDisconnect.CANCEL : OnDisconnect.DETACH,
    whenBehind: whenBehind === 'drop' ? WhenBehind.DROP : WhenBehind.BLOCK,
    result: { ...resultPolicy(result), mimeTypes: [...(options.mimeTypes ?? [])] },
    maxOutputBytes: options.maxOutputBytes === undefined ? undefined : BigInt(options.maxOutputBytes),
  });
}

/** The policy of a message. */
export function resultPolicy({ form = 'AUTO', maxInlineBytes, lenient, numpyScalars = true }: ResultOptions = {}) {
  return { form: ResultForm[form], maxInlineBytes, lenient, numpyScalars };
}

function inputModeOf({ stdin, interactive }: ExecuteOptions): InputMode {
  if (interactive) return InputMode.INTERACTIVE;
  return stdin === undefined ? InputMode.NONE : InputMode.PRESET;
}
