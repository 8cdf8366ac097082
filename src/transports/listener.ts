/**
 * One port: looks at the first bytes of each connection and gives it to Node's HTTP/1.1 or HTTP/2. Neither server
 * listens itself, so what they do only for connections of their own is done here.
 */
import { createServer as createHttp1Server, type Server as Http1Server } from 'node:http';
import {
  createServer as createHttp2Server,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net';
import type { Peer } from '../call.ts';
import { errors } from '../errors.ts';
import { type GrpcHandler, isGrpc } from './grpc/handler.ts';
import type { HttpHandler } from './http/handler.ts';
import { peerOf } from './incoming-call.ts';
import { errorAnswer } from './rest/error-json.ts';

/** Settings of one port. */
export interface ListenerOptions {
  name: Peer['listener'];
  host: string;
  /** 0: any free one. */
  port: number;
  onGrpc: GrpcHandler;
  onHttp: HttpHandler;
  maxConcurrentStreams: number;
  maxConnections: number;
  /** How long a connection may say nothing at first. */
  firstByteTimeoutMs: number;
  /** How long a request's headers may take. */
  headersTimeoutMs: number;
  /** How long a whole request over HTTP/1.1 may take to arrive. */
  requestTimeoutMs: number;
  /** How long a connection of HTTP/1.1 may be idle between requests. */
  idleTimeoutMs: number;
  /** Connections of HTTP/2 are asked for a sign of life so often, and closed without one. */
  pingIntervalMs: number;
}

/** An open port. */
export interface Listener {
  /** Resolves when it accepts connections. */
  listen(): Promise<AddressInfo>;
  /** Accepts no more, lets calls under way end, and cuts off what is left after the grace. */
  close(graceMs: number): Promise<void>;
}

/** First bytes of HTTP/2 without TLS; no method of HTTP/1.1 begins like this. */
const http2Preface = Buffer.from('PRI ');
/** Node's defaults (64 KiB) throttle large transfers: one round trip for each window. */
const streamWindowBytes = 1024 * 1024;
const connectionWindowBytes = 8 * 1024 * 1024;
const maxHeaderBytes = 32 * 1024;
/** Largest message that may lie in a connection's buffers, with room beside it; at Node's 10 MB calls are refused. */
const maxSessionMemoryMb = 256;
/** A TCP connection without a sign of life from the other machine. */
const keepAliveProbeMs = 60_000;

/** Makes a port; `listen` opens it. */
export function createListener(options: ListenerOptions): Listener {
  const sockets = new Map<Socket, Connection>();
  const http1 = createHttp1(options);
  const http2 = createHttp2(options, sockets);
  let isClosing = false;

  http1.on('request', (request, response) => {
    const connection = sockets.get(request.socket);
    // On a connection whose answers have ended nobody would hear what came of it.
    if (connection === undefined || !request.socket.writable) return request.socket.destroy();
    connection.answering++;
    if (isClosing) response.setHeader('connection', 'close');
    response.once('close', () => {
      connection.answering--;
      if (isClosing && connection.answering === 0) request.socket.end();
    });
    options.onHttp(request, response, connection.peer);
  });

  const server = createNetServer(
    { noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveProbeMs },
    (socket) => {
      const connection: Connection = { peer: peerOf(socket, options.name), answering: 0, session: undefined };
      sockets.set(socket, connection);
      socket.on('error', () => {}); // 'close' follows
      socket.once('close', () => sockets.delete(socket));
      sniff(socket, options.firstByteTimeoutMs, (isHttp2) => {
        if (isClosing && !isHttp2) return socket.destroy();
        (isHttp2 ? http2 : http1).emit('connection', socket);
      });
    },
  );
  server.maxConnections = options.maxConnections;

  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host: options.host, port: options.port, backlog: 1024 }, () => {
          server.off('error', reject);
          // A server that never listened checks no timeouts until it hears this.
          http1.emit('listening');
          resolve(server.address() as AddressInfo);
        });
      }),
    close: (graceMs) =>
      new Promise((resolve) => {
        isClosing = true;
        const timer = setTimeout(() => {
          for (const socket of sockets.keys()) socket.destroy();
        }, graceMs);
        server.close(() => {
          clearTimeout(timer);
          http1.close();
          resolve();
        });
        for (const [socket, { session, answering }] of sockets) {
          if (session !== undefined) session.close();
          else if (answering === 0) socket.destroy();
        }
      }),
  };
}

interface Connection {
  readonly peer: Peer;
  /** Requests of HTTP/1.1 under way. */
  answering: number;
  session: ServerHttp2Session | undefined;
}

function sniff(socket: Socket, timeoutMs: number, onKnown: (isHttp2: boolean) => void): void {
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  let seen: Buffer = Buffer.alloc(0);
  const onReadable = () => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const compared = Math.min(seen.length, http2Preface.length);
    const mayBeHttp2 = seen.subarray(0, compared).equals(http2Preface.subarray(0, compared));
    if (mayBeHttp2 && compared < http2Preface.length) return;
    forget();
    socket.unshift(seen);
    onKnown(mayBeHttp2);
  };
  const forget = () => {
    clearTimeout(timer);
    socket.off('readable', onReadable);
    socket.off('end', onEnd);
    socket.off('close', forget);
  };
  const onEnd = () => {
    forget();
    socket.destroy();
  };
  socket.on('readable', onReadable);
  socket.once('end', onEnd);
  socket.once('close', forget);
}

function createHttp1(options: ListenerOptions): Http1Server {
  const server = createHttp1Server({
    headersTimeout: options.headersTimeoutMs,
    requestTimeout: options.requestTimeoutMs,
    keepAliveTimeout: options.idleTimeoutMs,
    connectionsCheckingInterval: Math.min(1000, options.headersTimeoutMs),
    maxHeaderSize: maxHeaderBytes,
    requireHostHeader: false, // the gate says so, with an error of ours
    insecureHTTPParser: false,
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') return socket.destroy();
    const status = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[error.code ?? ''] ?? 400;
    const { body } = errorAnswer(errors.invalidArgument(malformedTexts[status] as string), '');
    socket.end(
      `HTTP/1.1 ${status} ${reasonPhrases[status]}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body as string)}\r\nConnection: close\r\n\r\n${body}`,
    );
    // What may still come in is not read any more.
    setTimeout(() => socket.destroy(), 1000).unref();
  });
  return server;
}

const reasonPhrases: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};
const malformedTexts: Record<number, string> = {
  400: 'request is not well-formed HTTP',
  408: 'request took too long to arrive',
  431: `request headers are too large; at most ${maxHeaderBytes} bytes`,
};

function createHttp2(options: ListenerOptions, sockets: Map<Socket, Connection>): Http2Server {
  const settings = {
    maxConcurrentStreams: options.maxConcurrentStreams,
    initialWindowSize: streamWindowBytes,
    maxHeaderListSize: maxHeaderBytes,
  };
  const server = createHttp2Server({ settings, maxSessionMemory: maxSessionMemoryMb });
  // Node's objects for requests and answers are made only for what is not gRPC.
  const compatible = createHttp2Server((request, response) => {
    const connection = connectionOf(request.stream.session as ServerHttp2Session);
    if (connection !== undefined) options.onHttp(request, response, connection.peer);
  });
  const connections = new WeakMap<ServerHttp2Session, Connection>();
  const connectionOf = (session: ServerHttp2Session | undefined) => session && connections.get(session);
  let opening: Connection | undefined;

  server.prependListener('connection', (socket: Socket) => {
    opening = sockets.get(socket);
  });
  server.on('session', (session) => {
    // Node makes the session while it handles 'connection', so the one that is opening is this one's.
    const connection = opening;
    opening = undefined;
    if (connection === undefined) return session.destroy();
    connection.session = session;
    connections.set(session, connection);
    session.setLocalWindowSize(connectionWindowBytes);
    session.on('error', () => {}); // 'close' follows
    watch(session, options.pingIntervalMs);
  });
  server.on('sessionError', () => {});
  server.on(
    'stream',
    (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number, rawHeaders: string[]) => {
      stream.on('error', () => {}); // 'close' follows; of one whose connection has gone already nobody else would hear
      const connection = connectionOf(stream.session as ServerHttp2Session);
      if (connection === undefined) return stream.close();
      if (isGrpc(headers['content-type'])) options.onGrpc(stream, headers, connection.peer);
      else compatible.emit('stream', stream, headers, flags, rawHeaders);
    },
  );
  return server;
}

function watch(session: ServerHttp2Session, intervalMs: number): void {
  let isAnswered = true;
  const timer = setInterval(() => {
    if (!isAnswered) return session.destroy();
    isAnswered = false;
    const isSent =
      !session.closed &&
      session.ping(() => {
        isAnswered = true;
      });
    if (!isSent) isAnswered = true;
  }, intervalMs).unref();
  session.once('close', () => clearInterval(timer));
}
