/** The two ways to carry one `Attach` stream: gRPC, and the lane beside it. */
import { connect } from 'node:net';
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { type BeepError, errors } from '../errors.ts';
import { AttachRequest, AttachResponse } from '../gen/worker/beep/python/worker/v1/worker.ts';
import { giveBack } from './large-buffers.ts';
import { fromStatus } from './refusal.ts';
import { createUnframer, framed } from './unframer.ts';

/** `release` may be called, once, when nobody looks at anything of the message any more. */
type OnMessage = (message: AttachResponse, release?: () => void) => void;

/** One `Attach` stream. */
export interface Wire {
  /** Calls back when there is room for the next message. */
  send(message: AttachRequest, onRoom: () => void): void;
  /** No more will be sent. */
  end(): void;
  /** Whether it is of no use any more. */
  readonly hasEnded: boolean;
  /** Who takes what comes; set once, before anything is sent. */
  listen(onMessage: OnMessage, onEnd: (why: () => BeepError) => void): void;
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
      stream.on('data', (message: AttachResponse) => onMessage(message));
      stream.on('error', (error: ServiceError) => onEnd(() => fromStatus(error)));
      stream.on('end', () => onEnd(() => errors.workerLost('its stream ended')));
    },
  };
}

/**
 * Where every lane's bytes come in, one portion after the other: a buffer for each portion would have the collector run
 * every few megabytes.
 */
const arrivals = Buffer.allocUnsafeSlow(256 * 1024);

/** `Attach` on a connection of its own to the worker's lane: each message behind its length. */
export function laneWire(path: string, token: string, maxMessageBytes: number): Wire {
  let take: (chunk: Uint8Array) => void = () => {};
  const onArrival = (length: number, buffer: Uint8Array) => {
    try {
      take(buffer.subarray(0, length));
    } catch (error) {
      socket.destroy(error as Error);
    }
    return true;
  };
  const socket = connect({ path, onread: { buffer: arrivals, callback: onArrival } });
  socket.on('error', () => {}); // until somebody listens
  socket.write(framed(Buffer.from(token)));
  return {
    send(message, onRoom) {
      // A turn of the event loop later: what else has come in by now goes together, and wakes the worker once.
      if (socket.write(framed(AttachRequest.encode(message).finish()))) setImmediate(onRoom);
      else socket.once('drain', onRoom);
    },
    end: () => void socket.end(),
    get hasEnded() {
      return socket.destroyed;
    },
    listen(onMessage, onEnd) {
      take = createUnframer(maxMessageBytes, (bytes) => onMessage(AttachResponse.decode(bytes), () => giveBack(bytes)));
      socket.on('error', (cause) => onEnd(() => errors.workerLost('its connection broke', { cause })));
      socket.on('close', () => onEnd(() => errors.workerLost('its connection ended')));
    },
  };
}
