/**
 * Messages on a gRPC wire: `flags: 1 byte, length: 4 bytes big-endian, message`. Flag 1 says that it is compressed.
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
import { gunzip } from 'node:zlib';
import { errors, quoted } from '../errors.ts';

export const frameHeaderBytes = 5;
export const compressedFlag = 1;

/** Splits what comes in into messages. A message that says that it is too large is refused before it is read. */
export class FrameSplitter {
  readonly #maxBytes: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #needed = frameHeaderBytes;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Calls `onFrame` for each message that the chunk completes; the bytes are views of what came in where possible. */
  push(chunk: Buffer, onFrame: (message: Buffer, flags: number) => void): void {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    while (this.#pendingBytes >= this.#needed) {
      const data = this.#pending.length === 1 ? (this.#pending[0] as Buffer) : Buffer.concat(this.#pending);
      const length = data.readUInt32BE(1);
      if (length > this.#maxBytes) throw errors.messageTooLarge(this.#maxBytes, length);
      const end = frameHeaderBytes + length;
      const isWhole = data.length >= end;
      this.#pending = isWhole && data.length === end ? [] : [isWhole ? data.subarray(end) : data];
      this.#pendingBytes = isWhole ? data.length - end : data.length;
      this.#needed = isWhole ? frameHeaderBytes : end;
      if (isWhole) onFrame(data.subarray(frameHeaderBytes, end), data[0] as number);
    }
  }

  /** Whether the middle of a message would be cut if nothing more came. */
  get isInside(): boolean {
    return this.#pendingBytes > 0;
  }
}

/** Undoes the compression of one message; stops inflating at the limit. */
export function inflated(message: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  if (encoding !== 'gzip') {
    return Promise.reject(errors.notImplemented(`compression by ${quoted(encoding ?? 'nothing')} (use gzip)`));
  }
  return new Promise((resolve, reject) => {
    gunzip(message, { maxOutputLength: maxBytes }, (error, result) => {
      if (error === null) return resolve(result);
      const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
      reject(isTooLarge ? errors.messageTooLarge(maxBytes) : errors.invalidArgument('message is not valid gzip'));
    });
  });
}

/** From this size on, a message is handed to the socket as it is instead of being copied behind its header. */
const largeBytes = 16 * 1024;

/** The pieces of one outgoing message. */
export function framed(message: Uint8Array): Uint8Array[] {
  const isLarge = message.length >= largeBytes;
  const frame = Buffer.allocUnsafe(isLarge ? frameHeaderBytes : frameHeaderBytes + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  if (isLarge) return [frame, message];
  frame.set(message, frameHeaderBytes);
  return [frame];
}
