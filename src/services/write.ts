/** Write: a large object's bytes, passed on to its session as they come. */
import { toBinary } from '@bufbuild/protobuf';
import { type Call, Encoded, type Incoming, type Outgoing } from '../call.ts';
import { errors } from '../errors.ts';
import {
  type WriteHeader,
  WriteHeaderSchema,
  type WriteRequestSchema,
  WriteResponseSchema,
} from '../gen/es/beep/python/v1/object_pb.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import type { Transfer } from '../workers/transfer.ts';
import { explainCut } from './cut-short.ts';
import { defaultSession, type SessionDefaults } from './locate.ts';

/** What writing needs. */
export interface WriteOptions {
  readonly directory: SessionDirectory;
  readonly defaults: SessionDefaults;
}

type Requests = AsyncIterable<Incoming<typeof WriteRequestSchema>>;
type Response = Outgoing<typeof WriteResponseSchema>;

/** Makes the method. */
export function createWrite({ directory, defaults }: WriteOptions) {
  return async function write(requests: Requests, call: Call): Promise<Response> {
    const { principal, signal } = call;
    const incoming = requests[Symbol.asyncIterator]();
    const header = await headerOf(incoming);
    const sessionId = header.sessionId || (await defaultSession(principal, directory, defaults));
    const link = directory.link(principal, sessionId);
    const value = toBinary(WriteHeaderSchema, { ...header, sessionId });
    const transfer = link.transfer({ principal, sessionId, body: { $case: 'write', value } }, signal);
    try {
      const opened = await transfer.response();
      if (opened.$case === 'written') {
        // It was done before. Over HTTP/1.1 not every caller hears an answer while it is sending.
        for await (const _ of dataOf(incoming));
        return new Encoded(WriteResponseSchema, opened.value);
      }
      if (opened.$case !== 'write') throw errors.internal(new Error('a write was not opened'));
      const { bytes, isFramed } = opened.value;
      // What refuses the rest may come at any time, and ends the reading of a caller who goes on sending.
      const answer = transfer.response();
      answer.catch(() => {});
      const sending = isFramed ? sendFramed(incoming, transfer) : sendCounted(incoming, transfer, Number(bytes));
      sending.catch(() => {});
      const isWhole = await Promise.race([sending, answer.then(() => false)]);
      if (isWhole) transfer.write(lastByte);
      else transfer.end();
      const written = await answer;
      if (written.$case !== 'written') throw errors.internal(new Error('a write was not answered'));
      return new Encoded(WriteResponseSchema, written.value);
    } catch (error) {
      throw await explainCut(error, link, sessionId, 0);
    } finally {
      transfer.close();
      incoming.return?.()?.catch(() => {}); // one that reads just now ends when its caller does
    }
  };
}

/** Says that all has come, and nothing follows. */
const lastByte = Uint8Array.of(1);

async function headerOf(incoming: AsyncIterator<Incoming<typeof WriteRequestSchema>>): Promise<WriteHeader> {
  const first = await incoming.next();
  if (first.done || first.value.message.part.case !== 'header') {
    throw errors.invalidArgument('the first message of a write is its header', { field: 'header' });
  }
  return first.value.message.part.value;
}

/** The data of all messages after the first. */
async function* dataOf(incoming: AsyncIterator<Incoming<typeof WriteRequestSchema>>): AsyncGenerator<Uint8Array> {
  for (let next = await incoming.next(); !next.done; next = await incoming.next()) {
    const { part } = next.value.message;
    if (part.case !== 'data')
      throw errors.invalidArgument('a write has one header, its first message', { field: 'header' });
    yield part.value;
  }
}

/** Whether as many bytes came as there were to be; more are refused. */
async function sendCounted(
  incoming: AsyncIterator<Incoming<typeof WriteRequestSchema>>,
  transfer: Transfer,
  bytes: number,
): Promise<boolean> {
  let left = bytes;
  for await (const data of dataOf(incoming)) {
    left -= data.length;
    if (left < 0) {
      throw errors.invalidArgument(`more data than announced: ${-left} bytes too many; nothing of it was kept`, {
        field: 'data',
      });
    }
    await transfer.write(data);
  }
  return left === 0;
}

/** How many will come is not known: each portion goes behind its length. The last one is empty, as the caller's is. */
async function sendFramed(
  incoming: AsyncIterator<Incoming<typeof WriteRequestSchema>>,
  transfer: Transfer,
): Promise<boolean> {
  let hasEnded = false;
  for await (const data of dataOf(incoming)) {
    if (hasEnded) throw errors.invalidArgument('an empty message is the end of data, and more came', { field: 'data' });
    hasEnded = data.length === 0;
    transfer.write(lengthOf(data.length));
    await transfer.write(data);
  }
  // Some clients cancel by what looks like an end.
  if (hasEnded) return true;
  throw errors.invalidArgument('the data has no end: without total_bytes that is an empty message; nothing was kept', {
    field: 'data',
  });
}

function lengthOf(length: number): Uint8Array {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(length, 0);
  return prefix;
}
