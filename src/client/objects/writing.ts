/** Large objects into a session, in chunks: a connection that breaks is gone on from where the gateway has it. */
import type { BeepError } from '../beep-error.ts';
import { isLost as isLoss, toBeepError } from '../beep-error.ts';
import { newId } from '../new-id.ts';
import { createPatience } from '../persistence.ts';
import { fromTypedArray, NdArray, type TypedArray } from '../values/array.ts';
import type { PythonObject } from './python-object.ts';
import type { Scope } from './scope.ts';
import type { TransferOptions } from './transfer.ts';

/** How one write differs. */
export interface WriteOptions extends TransferOptions {
  /** Also a variable of the session. */
  readonly assignTo?: string;
}

/** Bytes become `bytes`; other typed arrays, and `NdArray`, become arrays of numpy. */
export async function write(
  scope: Scope,
  sessionId: string,
  data: TypedArray | NdArray | ArrayBuffer,
  { signal, onProgress, assignTo }: WriteOptions = {},
): Promise<PythonObject> {
  const { link } = scope;
  const { tensor, bytes } = partsOf(data);
  const totalBytes = BigInt(bytes.length);
  // What has no bytes cannot break off, and needs no name to be gone on with.
  const writeId = bytes.length === 0 ? '' : newId();
  const patience = createPatience(link);
  let offset = 0;
  let isLost = false;
  for (;;) {
    link.check();
    signal?.throwIfAborted();
    try {
      const { object, receivedBytes } = await link.sendUpload({
        header: { sessionId, tensor, totalBytes, assignTo, writeId },
        bytes,
        offset,
        isLost,
        signal,
        onSent: (doneBytes) => onProgress?.({ doneBytes, totalBytes: bytes.length }),
      });
      if (object !== undefined) return scope.objectOf(object) as PythonObject;
      patience.renew();
      offset = receivedBytes;
      isLost = false;
    } catch (thrown) {
      signal?.throwIfAborted();
      await patience.wait(lossOf(thrown), signal);
      isLost = true;
    }
  }
}

function lossOf(thrown: unknown): BeepError {
  const error = toBeepError(thrown);
  if (!isLoss(error)) throw error;
  return error;
}

function partsOf(data: TypedArray | NdArray | ArrayBuffer) {
  if (data instanceof ArrayBuffer) return { tensor: undefined, bytes: new Uint8Array(data) };
  if (data instanceof Uint8Array) return { tensor: undefined, bytes: data as Uint8Array<ArrayBuffer> };
  const array = data instanceof NdArray ? data : fromTypedArray(data);
  if (array === undefined)
    throw new TypeError('only bytes, typed arrays and NdArray are written; others are arguments');
  return { tensor: { dtype: array.dtype, shape: array.shape.map(BigInt) }, bytes: array.bytes };
}
