/** Read: a large object's bytes, which its session sends by itself, or its items, some at a time. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { type Call, Encoded, type Incoming, incomingMessage, type Outgoing } from '../call.ts';
import { errors } from '../errors.ts';
import { ErrorReasonSchema } from '../gen/es/beep/python/v1/error_pb.ts';
import {
  ApplyRequestSchema,
  ApplyResponseSchema,
  type ItemsResult,
  ReadHeaderSchema,
  ReadRequestSchema,
  ReadResponseSchema,
} from '../gen/es/beep/python/v1/object_pb.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import { explainCut } from './cut-short.ts';
import { namedSession } from './locate.ts';

/** What reading needs. */
export interface ReadOptions {
  readonly directory: SessionDirectory;
  /** Runs a batch; an ApplyResponse. */
  readonly apply: (request: Incoming<typeof ApplyRequestSchema>, call: Call) => Promise<Uint8Array>;
  /** Who takes nothing for so long has the read ended: until then it keeps the session from expiring. */
  readonly stallTimeoutMs: number;
}

type Response = Outgoing<typeof ReadResponseSchema>;

/** Items that are asked for at once: so many, so large, and no later than this after the first of them. */
const maxItems = 10_000;
const maxItemBytes = 1024 * 1024;
const maxItemWaitMs = 100;

/** Makes the method. */
export function createRead({ directory, apply, stallTimeoutMs }: ReadOptions) {
  return async function* read(request: Incoming<typeof ReadRequestSchema>, call: Call): AsyncGenerator<Response> {
    const { message } = request;
    const { principal, signal } = call;
    const sessionId = namedSession(message.sessionId, principal, directory);
    const link = directory.link(principal, sessionId);
    const value = message.sessionId === '' ? toBinary(ReadRequestSchema, { ...message, sessionId }) : request.toBytes();
    const transfer = link.transfer({ principal, sessionId, body: { $case: 'read', value } }, signal);
    let generation = 0;
    try {
      const opened = await transfer.response();
      if (opened.$case !== 'read') throw errors.internal(new Error('a read was not opened'));
      const { header, bytes, itemsHandleId, isPassing } = opened.value;
      generation = opened.value.generation;
      const { offset } = fromBinary(ReadHeaderSchema, header);
      yield new Encoded(ReadResponseSchema, withPrefix(headerTag, header));
      if (itemsHandleId !== '') {
        transfer.close();
        yield* items(sessionId, itemsHandleId, isPassing, message.length, call);
      } else if (bytes > 0) {
        const pieces = transfer.pieces(Number(bytes), (length) => prefixOf(dataTag, length));
        let sent = Number(offset);
        for await (const piece of pieces) {
          let isStalled = false;
          const timer = setTimeout(() => {
            isStalled = true;
            transfer.close(); // also of a reader who never comes back
          }, stallTimeoutMs);
          try {
            yield new Encoded(ReadResponseSchema, piece.message, piece.release);
          } finally {
            clearTimeout(timer);
          }
          sent += piece.length;
          if (isStalled) throw errors.readStalled(stallTimeoutMs, sent);
        }
      }
    } catch (error) {
      throw await explainCut(error, link, sessionId, generation);
    } finally {
      transfer.close();
    }
  };

  /** Each portion is a batch of its own, taken when the one before it has found its place: a slow reader holds nothing. */
  async function* items(
    sessionId: string,
    handleId: string,
    isPassing: boolean,
    length: bigint,
    call: Call,
  ): AsyncGenerator<Response> {
    let left = length;
    try {
      for (;;) {
        const wanted = length > 0n && left < maxItems ? Number(left) : maxItems;
        const items = await nextItems(sessionId, handleId, wanted, call);
        if (length > 0n) left -= BigInt(countOf(items));
        yield create(ReadResponseSchema, { part: { case: 'items', value: items } });
        if (items.exhausted || (length > 0n && left <= 0n)) return;
      }
    } finally {
      if (isPassing) await letGo(sessionId, handleId, call);
    }
  }

  async function nextItems(sessionId: string, handleId: string, wanted: number, call: Call): Promise<ItemsResult> {
    const batch = create(ApplyRequestSchema, {
      sessionId,
      operations: [
        {
          target: { kind: { case: 'handleId', value: handleId } },
          action: {
            case: 'nextItems',
            value: { maxItems: wanted, maxBytes: maxItemBytes, maxWait: durationFromMs(maxItemWaitMs) },
          },
        },
      ],
    });
    const { results, finished } = fromBinary(
      ApplyResponseSchema,
      await apply(incomingMessage(ApplyRequestSchema, batch), call),
    );
    const [result] = results;
    if (result?.items !== undefined) return result.items;
    if (result?.failure !== undefined) {
      const reason = ErrorReasonSchema.value[result.failure.reason]?.localName ?? '';
      throw errors.fromReason(reason === 'SKIPPED' ? 'CANCELLED' : reason, finished?.message || result.failure.message);
    }
    const raised = result?.error;
    throw errors.conversionFailed(
      'items',
      raised === undefined ? 'none came' : `${raised.typeName}: ${raised.message}`,
    );
  }

  /** Of a caller who has gone, too. */
  async function letGo(sessionId: string, handleId: string, { principal }: Call): Promise<void> {
    const body = toBinary(ApplyRequestSchema, create(ApplyRequestSchema, { sessionId, release: [handleId] }));
    const item = { kind: 'batch', id: `release:${handleId}`, body } as const;
    const nobody = { onAbort: () => () => {} };
    try {
      await directory.attachment(principal, sessionId).result(item, nobody);
    } catch {
      // The session has ended, and its handles with it.
    }
  }
}

/** How many items there are; those in JSON are counted by parsing it, and their text passed on. */
function countOf({ values, json }: ItemsResult): number {
  return json === '' ? values.length : (JSON.parse(json) as unknown[]).length;
}

/** Fields 1 and 2 of a ReadResponse: `header` and `data`, both behind their length. */
const headerTag = 0x0a;
const dataTag = 0x12;

function prefixOf(tag: number, length: number): Uint8Array {
  const bytes = [tag];
  for (let rest = length; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}

function withPrefix(tag: number, body: Uint8Array): Uint8Array {
  return Buffer.concat([prefixOf(tag, body.length), body]);
}
