/** Bytes on a socket, where every client would send something better. */
import { connect } from 'node:net';

/** Sends bytes and answers with all that comes back until the other end closes. */
export function sendRaw(url: string, data: string | Uint8Array, options: { andEnd?: boolean } = {}): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.setEncoding('latin1').on('data', (text) => {
      answer += text;
    });
    socket.on('error', () => {}); // 'close' follows: being cut off is an answer too
    socket.once('close', () => resolve(answer));
    if (options.andEnd) socket.end(data);
    else socket.write(data);
  });
}
