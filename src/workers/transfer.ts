/** Large data to or from a session: a connection that the worker hands over, so that its bytes go by nobody else. */
import { connect, type Socket } from 'node:net';
import { errors } from '../errors.ts';
import { TransferRequest, TransferResponse } from '../gen/worker/beep/python/worker/v1/worker.ts';
import { passedOn } from './collect-young.ts';
import { giveBackPiece, maxPieceBytes, takePieceRoom } from './large-buffers.ts';
import { fromRefusal } from './refusal.ts';
import { framed } from './unframer.ts';

/** A part of the bytes, behind what was wanted before them. */
export interface Piece {
  readonly message: Uint8Array;
  /** How many bytes it is without what stands before them. */
  readonly length: number;
  /** May be called, once, when nobody looks at the message any more. */
  release(): void;
}

/** One read or write under way. Whoever began it closes it. */
export interface Transfer {
  /** What the worker says next. Throws its refusal, or that it was cut short. */
  response(): Promise<NonNullable<TransferResponse['body']>>;
  /** So many raw bytes, read no faster than they are taken. Throws that it was cut short. */
  pieces(bytes: number, prefix: (length: number) => Uint8Array): AsyncGenerator<Piece>;
  /** Raw bytes; the promise, where there is one, resolves when there is room for more. What is cut off is told by `response`. */
  write(data: Uint8Array): Promise<void> | undefined;
  /** No more bytes will be written. */
  end(): void;
  close(): void;
}

const maxFrameBytes = 1024 * 1024;
/** So many pieces may wait for their reader. */
const maxWaiting = 2;

/** Connects and asks. What is pending when the signal is aborted rejects with its reason. */
export function createTransfer(path: string, token: string, request: TransferRequest, signal: AbortSignal): Transfer {
  const scratch = Buffer.allocUnsafeSlow(64 * 1024);
  let room: Uint8Array = scratch;
  let take: (length: number, buffer: Uint8Array) => boolean = takeFrame;
  let received: Buffer = Buffer.alloc(0);
  let hasEnded = false;
  let wake = () => {};

  const socket: Socket = connect({
    path,
    allowHalfOpen: true,
    onread: { buffer: () => room, callback: (length, buffer) => take(length, buffer) },
  });
  const onEnd = () => {
    hasEnded = true;
    wake();
  };
  const onAbort = () => {
    socket.destroy();
    wake();
  };
  socket.on('error', onEnd);
  socket.on('end', onEnd);
  socket.on('close', onEnd);
  signal.addEventListener('abort', onAbort, { once: true });
  socket.write(framed(Buffer.from(token)));
  socket.write(framed(TransferRequest.encode(request).finish()));

  /** What comes before the next word of ours is a frame, and maybe the first raw bytes: the rest waits in the kernel. */
  function takeFrame(length: number): boolean {
    received = Buffer.concat([received, scratch.subarray(0, length)]);
    wake();
    return frameLength() === undefined;
  }
  function frameLength(): number | undefined {
    if (received.length < 4) return undefined;
    const end = 4 + received.readUInt32BE(0);
    if (end > maxFrameBytes) socket.destroy();
    return received.length < end ? undefined : end;
  }
  const woken = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });

  return {
    async response() {
      let end = frameLength();
      while (end === undefined) {
        signal.throwIfAborted();
        if (hasEnded) throw errors.cutShort(0);
        socket.resume();
        await woken();
        end = frameLength();
      }
      const { body } = TransferResponse.decode(received.subarray(4, end));
      received = received.subarray(end);
      if (body === undefined) throw errors.internal(new Error('an answer of the worker that says nothing'));
      if (body.$case === 'refusal') throw fromRefusal(body.value);
      return body;
    },
    async *pieces(bytes, prefix) {
      const waiting: Piece[] = [];
      let left = bytes;
      let whole: Uint8Array = scratch;
      let pieceBytes = 0;
      let isReading = false;
      const begin = () => {
        pieceBytes = Math.min(left, maxPieceBytes);
        const before = prefix(pieceBytes);
        whole = takePieceRoom(before.length + pieceBytes);
        whole.set(before);
        room = whole.subarray(before.length);
      };
      /** From elsewhere, before the socket knows of the room. */
      const copied = (bytes: Uint8Array) => {
        for (let rest = bytes; left > 0 && rest.length > 0; ) {
          const length = Math.min(room.length, rest.length);
          room.set(rest.subarray(0, length));
          rest = rest.subarray(length);
          filled(length);
        }
      };
      const filled = (length: number) => {
        left -= length;
        room = room.subarray(length);
        if (room.length > 0) return;
        const message = whole;
        waiting.push({ message, length: pieceBytes, release: () => giveBackPiece(message) });
        if (left > 0) begin();
        else room = scratch;
        wake();
      };
      begin();
      copied(received);
      take = (length, buffer) => {
        if (buffer !== room) copied(buffer.subarray(0, length));
        else if (left > 0) filled(length);
        isReading = left > 0 && waiting.length < maxWaiting;
        return isReading;
      };
      for (;;) {
        const piece = waiting.shift();
        if (left > 0 && !isReading && waiting.length < maxWaiting) {
          isReading = true;
          socket.resume();
        }
        if (piece !== undefined) {
          yield piece;
          if (waiting.length === 0 && left === 0) return;
          continue;
        }
        signal.throwIfAborted();
        if (hasEnded) throw errors.cutShort(bytes - left);
        await woken();
      }
    },
    write(data) {
      if (signal.aborted || hasEnded || socket.destroyed || !socket.writable) return undefined;
      passedOn(data.length);
      if (socket.write(data)) return undefined;
      return new Promise((resolve) => {
        const onRoom = () => {
          socket.off('drain', onRoom);
          socket.off('close', onRoom);
          resolve();
        };
        socket.on('drain', onRoom);
        socket.on('close', onRoom);
      });
    },
    end: () => void socket.end(),
    close() {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
    },
  };
}
