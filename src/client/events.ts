/** What happens while code runs, one type for each kind. */
import { type ExecutionEvent as Message, NoticeKind, OutputStream } from '../gen/es/beep/python/v1/execute_pb.ts';
import { dateOf } from './duration.ts';
import { type Ending, endingOf } from './ending.ts';
import { type MimeBundle, mimeBundleOf } from './mime.ts';
import { nameOf } from './names.ts';
import { PythonError } from './python-error.ts';
import { decodeValue } from './values/decode.ts';
import type { ObjectOf } from './values/json.ts';

/** What every event has. */
interface Happened {
  readonly executionId: string;
  /** 1, 2, 3 ... without a gap, but for what a `dropped` event stands for. */
  readonly seq: number;
  /** By the gateway's clock. */
  readonly time: Date;
}

/** Bytes that were written. */
interface Written extends Happened {
  readonly data: Uint8Array;
  /** The same as text; a character that is split between two events stands in the later one. */
  readonly text: string;
  /** Of the first byte, counted for each stream. */
  readonly offset: number;
}

/** One thing that happened; `finished` is the last. */
export type ExecutionEvent =
  /** It has its place in the session's queue. */
  | (Happened & {
      readonly type: 'accepted';
      readonly sessionId: string;
      readonly generation: number;
      readonly queuePosition: number;
    })
  /** The code runs. */
  | (Happened & { readonly type: 'started'; readonly pid: number; readonly executionCount: number })
  | (Written & { readonly type: 'stdout' })
  | (Written & { readonly type: 'stderr' })
  /** Something shown; with `update` it replaces what was shown under the same id. */
  | (Happened &
      MimeBundle & { readonly type: 'display'; readonly displayId: string | undefined; readonly update: boolean })
  /** What was shown may go; with `wait`, when the next thing is shown. */
  | (Happened & { readonly type: 'clearOutput'; readonly wait: boolean })
  /** The value of the last expression. */
  | (Happened & {
      readonly type: 'result';
      // biome-ignore lint/suspicious/noExplicitAny: what the code gives, its caller alone knows
      readonly value: any;
      /** Its repr, bounded. */
      readonly text: string;
      readonly mime: MimeBundle | undefined;
    })
  /** The code waits for input: answer with `sendInput`. */
  | (Happened & {
      readonly type: 'inputRequest';
      readonly requestId: number;
      readonly prompt: string;
      readonly password: boolean;
    })
  /** It raised. */
  | (Happened & { readonly type: 'error'; readonly error: PythonError })
  | (Happened & {
      readonly type: 'notice';
      readonly kind: Exclude<keyof typeof NoticeKind, 'UNSPECIFIED'> | undefined;
      readonly message: string;
    })
  /** Events that can no longer be had. */
  | (Happened & {
      readonly type: 'dropped';
      readonly firstSeq: number;
      readonly lastSeq: number;
      readonly bytes: number;
      readonly reason: string;
    })
  /** The end. */
  | (Happened & { readonly type: 'finished' } & Ending);

/** Turns the messages of one execution into events, in their order: texts go on from one to the next. */
export function createEventReader(objectOf: ObjectOf): (message: Message) => ExecutionEvent | undefined {
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  return (message) => {
    const happened = {
      executionId: message.executionId,
      seq: Number(message.seq),
      time: dateOf(message.time) ?? new Date(0),
    };
    const { body } = message;
    switch (body.case) {
      case 'accepted': {
        const { sessionId, generation, queuePosition } = body.value;
        return { ...happened, type: 'accepted', sessionId, generation, queuePosition };
      }
      case 'started': {
        const { pid, executionCount } = body.value;
        return { ...happened, type: 'started', pid, executionCount };
      }
      case 'output': {
        const type = body.value.stream === OutputStream.STDERR ? 'stderr' : 'stdout';
        const { data, offset } = body.value;
        const text = decoders[type].decode(data, { stream: true });
        return { ...happened, type, data, text, offset: Number(offset) };
      }
      case 'display': {
        const { bundle, displayId, update } = body.value;
        const mime = bundle === undefined ? { data: {}, metadata: {} } : mimeBundleOf(bundle, objectOf);
        return { ...happened, type: 'display', ...mime, displayId: displayId === '' ? undefined : displayId, update };
      }
      case 'clearOutput':
        return { ...happened, type: 'clearOutput', wait: body.value.wait };
      case 'result': {
        const { value, text, bundle } = body.value;
        const mime = bundle === undefined ? undefined : mimeBundleOf(bundle, objectOf);
        return { ...happened, type: 'result', value: decodeValue(value, objectOf), text, mime };
      }
      case 'inputRequest': {
        const { requestId, prompt, password } = body.value;
        return { ...happened, type: 'inputRequest', requestId, prompt, password };
      }
      case 'error':
        return { ...happened, type: 'error', error: new PythonError(body.value, objectOf) };
      case 'notice':
        return {
          ...happened,
          type: 'notice',
          kind: nameOf(NoticeKind, body.value.kind),
          message: body.value.message,
        };
      case 'dropped': {
        const { firstSeq, lastSeq, bytes, reason } = body.value;
        return {
          ...happened,
          type: 'dropped',
          firstSeq: Number(firstSeq),
          lastSeq: Number(lastSeq),
          bytes: Number(bytes),
          reason,
        };
      }
      case 'finished':
        return { ...happened, type: 'finished', ...endingOf(body.value) };
      default:
        return undefined; // of a later contract
    }
  };
}
