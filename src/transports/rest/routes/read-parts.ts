/** What comes of a read: its header, and after that bytes or items, taken no faster than they are sent on. */
import { decoded, Encoded, type Outgoing } from '../../../call.ts';
import { errors } from '../../../errors.ts';
import type {
  ItemsResult,
  ReadHeader,
  ReadResponse,
  ReadResponseSchema,
} from '../../../gen/es/beep/python/v1/object_pb.ts';
import { isOneValue, jsonPieces } from '../../../json-pieces.ts';
import { writeJson } from '../json.ts';
import type { LentBytes } from '../route.ts';
import { valueJson } from './value-json.ts';

/** Of one read. Whoever does not take all of it closes it. */
export interface ReadParts {
  readonly header: ReadHeader;
  data(): AsyncIterable<LentBytes>;
  items(): AsyncIterable<ItemsResult>;
  close(): Promise<void>;
}

/** Waits for the header, so that what is refused is refused with its status. */
export async function partsOf(responses: AsyncIterable<Outgoing<typeof ReadResponseSchema>>): Promise<ReadParts> {
  const iterator = responses[Symbol.asyncIterator]();
  const first = await iterator.next();
  const part = first.done ? undefined : decoded(first.value).part;
  if (part?.case !== 'header') throw errors.internal(new Error('a read without a header'));
  const close = async () => void (await iterator.return?.());
  type Pick<T> = (part: ReadResponse['part'], release: (() => void) | undefined) => T | undefined;
  const following = <T>(pick: Pick<T>): AsyncIterable<T> => ({
    // No generator: one that was never begun closes nothing.
    [Symbol.asyncIterator]: () => ({
      async next() {
        const { done, value } = await iterator.next();
        if (done) return { done, value: undefined };
        const picked = pick(decoded(value).part, value instanceof Encoded ? value.release : undefined);
        if (picked === undefined) throw errors.internal(new Error('a part of another form'));
        return { done: false, value: picked };
      },
      async return() {
        await close();
        return { done: true, value: undefined };
      },
    }),
  });
  return {
    header: part.value,
    data: () => following((next, release) => (next.case === 'data' ? { bytes: next.value, release } : undefined)),
    items: () => following((next) => (next.case === 'items' ? next.value : undefined)),
    close,
  };
}

/** One item on each line, in the JSON of values; what an iterator raises is the last. */
export function itemLines(parts: ReadParts): AsyncIterable<Uint8Array> {
  const items = parts.items()[Symbol.asyncIterator]();
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const { done, value } = await items.next();
        return done ? { done, value: undefined } : { done: false, value: Buffer.from(linesOf(value)) };
      },
      async return() {
        await parts.close();
        return { done: true, value: undefined };
      },
    }),
  };
}

function linesOf({ values, json, error }: ItemsResult): string {
  const lines = json === '' ? values.map((value) => writeJson(valueJson(value))) : piecesOf(json);
  if (error !== undefined) lines.push(writeJson({ error: { type: error.typeName, message: error.message } }));
  return lines.map((line) => `${line}\n`).join('');
}

/** Whoever runs code in the session can claim any text. */
function piecesOf(json: string): string[] {
  if (!isOneValue(json) || !json.startsWith('[')) throw errors.internal(new Error('items that are no list'));
  return jsonPieces(json).map(({ text }) => text);
}
