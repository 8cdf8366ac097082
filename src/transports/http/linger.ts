/** The end of an HTTP/1.1 connection whose caller may still be sending. */
import type { IncomingMessage } from 'node:http';

/** A caller that goes on sending for so long after its answer is cut off. */
export const lingerMs = 2000;

/**
 * Node closes a connection that is not kept as soon as its answer is written. With bytes of the request unread the
 * kernel then resets it, and a caller that sends before it reads never sees the answer. So our side alone is ended, and
 * what still comes is discarded, to the end of the request or for as long as we linger.
 */
export function lingerAtEnd(request: IncomingMessage): void {
  const { socket } = request;
  const close = socket.destroySoon.bind(socket);
  socket.destroySoon = () => {
    if (request.complete) return close();
    socket.end();
    const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
    socket.once('close', () => clearTimeout(timer));
    request.once('end', close);
  };
}
