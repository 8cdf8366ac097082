/** The pipe: a Unix socket at each of its paths, a named pipe on Windows; the same connections on all of them. */
import { createServer, type Server, type Socket } from 'node:net';
import type { Dispatcher } from '../dispatch.ts';
import { type Connection, type Conversation, serveConnection } from './connection.ts';
import { pipePaths } from './paths.ts';
import { listenAt } from './socket-file.ts';

/** What the pipe needs. */
export interface PipeListenerOptions {
  /** A name, or an absolute path. */
  readonly name: string;
  readonly dispatcher: Dispatcher;
  /** For each client one. */
  readonly converse: () => Conversation;
  readonly maxMessageBytes: number;
  readonly maxConnections: number;
}

/** The pipe, not yet open. */
export interface PipeListener {
  /** Opens it at all its paths, or at none; the first of them. Throws PathTaken. */
  listen(): Promise<string>;
  /** Accepts no more, lets commands under way end, and cuts off what is left after the grace. */
  close(graceMs: number): Promise<void>;
}

/** Makes the pipe; `listen` opens it. */
export function createPipeListener(options: PipeListenerOptions): PipeListener {
  const connections = new Map<Socket, Connection>();
  const servers: Server[] = [];
  const onConnection = (socket: Socket) => {
    if (connections.size >= options.maxConnections) return void socket.destroy();
    const { dispatcher, maxMessageBytes } = options;
    connections.set(socket, serveConnection(socket, { dispatcher, maxMessageBytes, conversation: options.converse() }));
    socket.once('close', () => connections.delete(socket));
  };
  const close = async (graceMs: number) => {
    // Closing a server removes its file.
    const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
    for (const connection of connections.values()) connection.end();
    const timer = setTimeout(() => {
      for (const socket of connections.keys()) socket.destroy();
    }, graceMs);
    await Promise.all(closed);
    clearTimeout(timer);
  };
  return {
    async listen() {
      const paths = pipePaths(options.name);
      try {
        for (const path of paths) {
          const server = createServer({ allowHalfOpen: true }, onConnection);
          await listenAt(server, path);
          servers.push(server);
        }
      } catch (error) {
        await close(0);
        throw error;
      }
      return paths[0] as string;
    },
    close,
  };
}
