/** Messages behind their lengths, out of a stream of bytes that comes in any portions. */

import { takeRoom } from './large-buffers.ts';

const prefixBytes = 4;

/** A message behind its length. */
export function framed(body: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(prefixBytes + body.length);
  frame.writeUInt32BE(body.length, 0);
  frame.set(body, prefixBytes);
  return frame;
}

/**
 * Takes bytes and gives whole messages; throws for one that is too large. The bytes are copied, once, to where the
 * message lies, which is for the large buffers to have back: whoever brings the bytes may use their place again.
 */
export function createUnframer(
  maxMessageBytes: number,
  onMessage: (body: Uint8Array) => void,
): (chunk: Uint8Array) => void {
  const prefix = Buffer.alloc(prefixBytes);
  let prefixFilled = 0;
  let message: Uint8Array | undefined;
  let filled = 0;
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (message === undefined) {
        prefix[prefixFilled++] = chunk[at++] as number;
        if (prefixFilled < prefixBytes) continue;
        const length = prefix.readUInt32BE(0);
        if (length > maxMessageBytes) throw new Error(`a message of ${length} bytes, at most ${maxMessageBytes}`);
        message = takeRoom(length);
        prefixFilled = filled = 0;
      }
      const taken = Math.min(message.length - filled, chunk.length - at);
      message.set(chunk.subarray(at, at + taken), filled);
      at += taken;
      filled += taken;
      if (filled < message.length) return;
      const whole = message;
      message = undefined;
      onMessage(whole);
    }
  };
}
