/**
 * Buffers for large messages, used again once their bytes are with the kernel: made anew for each, they would have the
 * collector run every few megabytes of output.
 */

/** What a full event and its envelopes take. */
const bufferBytes = 132 * 1024;
/** From here on a message is worth one. */
const worthwhileBytes = bufferBytes / 2;
/** What a full piece of large data takes, and what stands before it. */
export const maxPieceBytes = 1024 * 1024;
const pieceBufferBytes = maxPieceBytes + 64;
const maxKept = 32;
const maxKeptPieces = 8;

const kept: ArrayBuffer[] = [];
const keptPieces: ArrayBuffer[] = [];

/** Room for one message. */
export function takeRoom(length: number): Uint8Array {
  if (length < worthwhileBytes || length > bufferBytes) return Buffer.allocUnsafe(length);
  return Buffer.from(kept.pop() ?? new ArrayBuffer(bufferBytes), 0, length);
}

/** For who has made sure that nobody looks at the message any more, once; otherwise the collector sees to it. */
export function giveBack(room: Uint8Array): void {
  if (room.length >= worthwhileBytes && room.length <= bufferBytes && kept.length < maxKept) {
    kept.push(room.buffer as ArrayBuffer);
  }
}

/** The same for a piece of large data. */
export function takePieceRoom(length: number): Uint8Array {
  if (length < maxPieceBytes / 2) return Buffer.allocUnsafeSlow(length);
  return Buffer.from(keptPieces.pop() ?? new ArrayBuffer(pieceBufferBytes), 0, length);
}

/** As above. */
export function giveBackPiece(room: Uint8Array): void {
  if (room.buffer.byteLength === pieceBufferBytes && keptPieces.length < maxKeptPieces) {
    keptPieces.push(room.buffer as ArrayBuffer);
  }
}
