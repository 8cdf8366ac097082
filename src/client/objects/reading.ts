/** Large objects in chunks: a connection that breaks is gone on from by offset. */
import { ReadForm, type ReadHeader } from '../../gen/es/beep/python/v1/object_pb.ts';
import { BeepError, hasReason, isLost, toBeepError } from '../beep-error.ts';
import { createPatience } from '../persistence.ts';
import { type NdArray, ndArray } from '../values/array.ts';
import { parse } from '../values/json.ts';
import { handleOf } from './answers.ts';
import { type Node, nodeOf } from './node.ts';
import type { Scope } from './scope.ts';
import type { TransferOptions } from './transfer.ts';

/** An array, whatever its size, dtype, order and strides. */
export async function readArray(scope: Scope, node: Node, options?: TransferOptions): Promise<NdArray> {
  const { header, bytes } = await read(scope, node, ReadForm.TENSOR, options);
  if (header.tensor === undefined) throw new BeepError('INTERNAL', 'the gateway sent an array without dtype and shape');
  return ndArray(header.tensor.dtype, header.tensor.shape.map(Number), bytes);
}

/** The memory of a bytes-like object; a text as UTF-8. */
export async function readBytes(scope: Scope, node: Node, options?: TransferOptions): Promise<Uint8Array> {
  return (await read(scope, node, ReadForm.BYTES, options)).bytes;
}

/** A table as an Arrow IPC stream. */
export async function readArrow(scope: Scope, node: Node, options?: TransferOptions): Promise<Uint8Array> {
  return (await read(scope, node, ReadForm.ARROW, options)).bytes;
}

/** A table column by column. */
export async function readColumns(scope: Scope, node: Node, options?: TransferOptions): Promise<unknown> {
  const { bytes } = await read(scope, node, ReadForm.JSON_COLUMNS, options);
  return parse(new TextDecoder().decode(bytes), scope.objectOf);
}

interface Whole {
  readonly header: ReadHeader;
  readonly bytes: Uint8Array;
}

async function read(scope: Scope, node: Node, form: ReadForm, options: TransferOptions = {}): Promise<Whole> {
  const isHeld = (node.held ?? node).step.is === 'handle';
  const held = isHeld ? (node.held ?? node) : (nodeOf(await handleOf(scope, node, options)) as Node);
  try {
    return await readHeld(scope, held, form, options);
  } finally {
    if (!isHeld) scope.release(held);
  }
}

async function readHeld({ link }: Scope, { step }: Node, form: ReadForm, options: TransferOptions): Promise<Whole> {
  if (step.is !== 'handle') throw new TypeError('only what is held can be read in chunks');
  const { signal, onProgress } = options;
  const patience = createPatience(link);
  let whole: Whole | undefined;
  let done = 0;
  for (;;) {
    link.check();
    try {
      const request = { sessionId: step.ref.sessionId, handleId: step.ref.id, offset: BigInt(done), form };
      for await (const { part } of link.services.objects.read(request, { signal })) {
        patience.renew();
        if (part.case === 'header') whole ??= begun(part.value);
        if (part.case !== 'data' || whole === undefined) continue;
        whole.bytes.set(part.value, done);
        done += part.value.length;
        onProgress?.({ doneBytes: done, totalBytes: whole.bytes.length });
      }
      if (whole !== undefined && done === whole.bytes.length) return whole;
      throw new BeepError('CONNECTION_LOST', `the bytes of ${step.ref.id} broke off after ${done}`);
    } catch (thrown) {
      signal?.throwIfAborted();
      const error = toBeepError(thrown);
      // A program that stood still for long, such as on a machine that slept, reads on.
      const isBehind = hasReason(error, 'READER_TOO_SLOW');
      if (!isBehind && !isLost(error)) throw error;
      if (!isBehind) await patience.wait(error, signal);
    }
    if (whole !== undefined && done === whole.bytes.length) return whole;
  }
}

/** Room for all of it: each chunk is copied once, to its place. */
function begun(header: ReadHeader): Whole {
  return { header, bytes: new Uint8Array(Number(header.totalBytes)) };
}
