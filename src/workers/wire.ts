/** The two ways to carry one `Attach` stream: gRPC, and the lane beside it. */
import { connect } from 'node:net';
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { type BeepError, errors } from '../errors.ts';
import { AttachRequest, AttachResponse } from '../gen/worker/beep/python/worker/v1/worker.ts';
import { fromStatus } from './refusal.ts';

/** One `Attach` stream. */
export interface Wire {
  /** Calls back when there is room for the next message. */
  send(message: AttachRequest, onRoom: () => void): void;
  /** No more will be sent. */
  end(): void;
  /** Whether it is of no use any more. */
  readonly hasEnded: boolean;
  /** Who takes what comes; set once, before anything is sent. */
  listen(onMessage: (message: AttachResponse) => void, onEnd: (why: () => BeepError) => void): void;
}

/** `Attach` as a gRPC call. */
export function grpcWire(stream: ClientDuplexStream<AttachRequest, AttachResponse>): Wire {
  return {
    send: (message, onRoom) => void stream.write(message, onRoom),
    end: () => stream.end(),
    get hasEnded() {
      return stream.destroyed;
    },
    listen(onMessage, onEnd) {
      stream.on('data', onMessage);
      stream.on('error', (error: ServiceError) => onEnd(() => fromStatus(error)));
      stream.on('end', () => onEnd(() => errors.workerLost('its stream ended')));
    },
  };
}

/** `Attach` on a connection of its own to the worker's lane: each message behind its length. */
export function laneWire(path: string, token: string, maxMessageBytes: number): Wire {
  const socket = connect(path);
  socket.on('error', () => {}); // until somebody listens
  socket.write(framed(Buffer.from(token)));
  let isCorked = false;
  const uncork = () => {
    isCorked = false;
    socket.uncork();
  };
  return {
    send(message, onRoom) {
      // What all that has come in just now leads to goes in one write, and wakes the worker once.
      if (!isCorked) {
        isCorked = true;
        socket.cork();
        setImmediate(uncork);
      }
      if (socket.write(framed(AttachRequest.encode(message).finish()))) process.nextTick(onRoom);
      else socket.once('drain', onRoom);
    },
    end: () => void socket.end(),
    get hasEnded() {
      return socket.destroyed;
    },
    listen(onMessage, onEnd) {
      const take = createUnframer(maxMessageBytes, (bytes) => onMessage(AttachResponse.decode(bytes)));
      socket.on('data', (chunk: Buffer) => {
        try {
          take(chunk);
        } catch (error) {
          socket.destroy(error as Error);
        }
      });
      socket.on('error', (cause) => onEnd(() => errors.workerLost('its connection broke', { cause })));
      socket.on('close', () => onEnd(() => errors.workerLost('its connection ended')));
    },
  };
}

const prefixBytes = 4;

function framed(body: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(prefixBytes + body.length);
  frame.writeUInt32BE(body.length, 0);
  frame.set(body, prefixBytes);
  return frame;
}

/** Takes bytes in any portions and gives whole messages; throws for one that is too large. */
export function createUnframer(
  maxMessageBytes: number,
  onMessage: (body: Uint8Array) => void,
): (chunk: Buffer) => void {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let wantedBytes = prefixBytes;
  return (chunk) => {
    pending.push(chunk);
    pendingBytes += chunk.length;
    if (pendingBytes < wantedBytes) return; // chunks of a large message are joined once, when it is whole
    let rest = pending.length === 1 ? chunk : Buffer.concat(pending, pendingBytes);
    wantedBytes = prefixBytes;
    while (rest.length >= prefixBytes) {
      const length = rest.readUInt32BE(0);
      if (length > maxMessageBytes) throw new Error(`a message of ${length} bytes, at most ${maxMessageBytes}`);
      if (rest.length < prefixBytes + length) {
        wantedBytes = prefixBytes + length;
        break;
      }
      onMessage(rest.subarray(prefixBytes, prefixBytes + length));
      rest = rest.subarray(prefixBytes + length);
    }
    pending = rest.length === 0 ? [] : [rest];
    pendingBytes = rest.length;
  };
}
