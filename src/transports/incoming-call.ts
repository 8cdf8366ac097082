/** The Call that every transport makes for what comes in. */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { DescMessage, DescMethod, MessageShape } from '@bufbuild/protobuf';
import type { Call, Incoming, Peer } from '../call.ts';

/** What a transport knows of a call when its headers are there. */
export interface IncomingCallOptions {
  procedure: string;
  protocol: Call['protocol'];
  method?: DescMethod | undefined;
  headers: ReadonlyMap<string, string>;
  peer: Peer;
  /** The caller's own time limit. */
  timeoutMs?: number | undefined;
}

/** Stands for every path that there is nothing at, so that callers cannot fill logs and metrics with names. */
export const unknownProcedure = 'unknown';

const wellFormedRequestId = /^[\w.:=+/-]{1,128}$/;

/** One call under way. The transport sets `request` once it has been read, and aborts it when the caller is gone. */
export class IncomingCall implements Call {
  readonly requestId: string;
  readonly procedure: string;
  readonly protocol: Call['protocol'];
  readonly method: DescMethod | undefined;
  readonly headers: ReadonlyMap<string, string>;
  readonly peer: Peer;
  readonly deadlineAt: number | undefined;
  readonly traffic = { received: 0, sent: 0 };
  principal = '';
  request: Incoming<DescMessage> | undefined;
  checkMessage?: (message: MessageShape<DescMessage>) => void;
  #controller: AbortController | undefined;
  #abortReason: Error | undefined;
  #listeners: Set<(reason: Error) => void> | undefined;

  constructor(options: IncomingCallOptions) {
    const given = options.headers.get('x-request-id');
    this.requestId = given !== undefined && wellFormedRequestId.test(given) ? given : randomUUID();
    this.procedure = options.procedure;
    this.protocol = options.protocol;
    this.method = options.method;
    this.headers = options.headers;
    this.peer = options.peer;
    this.deadlineAt = options.timeoutMs === undefined ? undefined : performance.now() + options.timeoutMs;
  }

  /** Made on first use: most calls end before anyone asks for it. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  onAbort(listener: (reason: Error) => void): () => void {
    if (this.#abortReason !== undefined) {
      listener(this.#abortReason);
      return () => {};
    }
    this.#listeners ??= new Set();
    this.#listeners.add(listener);
    return () => void this.#listeners?.delete(listener);
  }

  abort(reason: Error): void {
    if (this.#abortReason !== undefined) return;
    this.#abortReason = reason;
    this.#controller?.abort(reason);
    for (const listener of this.#listeners ?? []) listener(reason);
  }
}

/** The other end of a connection, as calls on it see it. */
export function peerOf(socket: Socket, listener: Peer['listener']): Peer {
  return {
    listener,
    remoteAddress: socket.remoteAddress ?? '',
    remotePort: socket.remotePort ?? 0,
    localAddress: socket.localAddress ?? '',
    localPort: socket.localPort ?? 0,
  };
}

/** Headers as Node's HTTP modules give them, as a map; `:authority` counts as `host`, other pseudo-headers are left out. */
export function headerMap(headers: Record<string, string | string[] | undefined>): Map<string, string> {
  const map = new Map<string, string>();
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    const text = typeof value === 'string' ? value : value.join(', ');
    if (name.charCodeAt(0) !== 58) map.has(name) || map.set(name, text);
    else if (name === ':authority') map.set('host', text);
  }
  return map;
}
