/** Bytes on their way into a session: in one stream where the transport has one. */

import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Client } from '@connectrpc/connect';
import type { ObjectService, WriteHeaderSchema, WriteRequestSchema } from '../gen/es/beep/python/v1/object_pb.ts';
import type { ObjectRef } from '../gen/es/beep/python/v1/value_pb.ts';

/** A part of an object, or all of it. */
export interface Upload {
  /** Without an offset. */
  readonly header: Exclude<MessageInitShape<typeof WriteHeaderSchema>, { $typeName: string }>;
  /** All of it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How much of it has arrived, as far as is known. */
  readonly offset: number;
  /** A connection was lost: more may have arrived. */
  readonly isLost: boolean;
  readonly signal: AbortSignal | undefined;
  /** Told how many of the bytes have gone, from the beginning. */
  readonly onSent: (sentBytes: number) => void;
}

/** What has arrived. */
export interface Uploaded {
  /** Undefined while bytes are missing. */
  readonly object: ObjectRef | undefined;
  readonly receivedBytes: number;
}

/** Sends bytes: all of them, or as many as go at once. */
export type SendUpload = (upload: Upload) => Promise<Uploaded>;

const chunkBytes = 1024 * 1024;

/** Sends all of it in one call. */
export function streamUploads(objects: Client<typeof ObjectService>): SendUpload {
  const write = async (upload: Upload, offset: number, end: number): Promise<Uploaded> => {
    const { object, receivedBytes } = await objects.write(requests(upload, offset, end), { signal: upload.signal });
    return { object, receivedBytes: Number(receivedBytes) };
  };
  return async (upload) => {
    const { isLost, offset, bytes } = upload;
    if (!isLost) return await write(upload, offset, bytes.length);
    // Sent again without a byte, it tells how many have arrived.
    const arrived = await write(upload, 0, 0);
    return arrived.object === undefined ? await write(upload, arrived.receivedBytes, bytes.length) : arrived;
  };
}

type Request = Exclude<MessageInitShape<typeof WriteRequestSchema>, { $typeName: string }>;

async function* requests({ header, bytes, onSent }: Upload, offset: number, end: number): AsyncGenerator<Request> {
  yield { part: { case: 'header', value: { ...header, offset: BigInt(offset) } } };
  for (let at = offset; at < end; at += chunkBytes) {
    const chunk = bytes.subarray(at, Math.min(at + chunkBytes, end));
    yield { part: { case: 'data', value: chunk } };
    onSent(at + chunk.length);
  }
  // Of what has no bytes at all, an empty message is the end.
  if (bytes.length === 0) yield { part: { case: 'data', value: bytes } };
}
