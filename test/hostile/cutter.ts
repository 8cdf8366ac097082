/** A way to the gateway that breaks: connections are cut at any byte, by neither end. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A port that leads to another one, for a while. */
export interface Cutter extends AsyncDisposable {
  readonly url: string;
  /** How many connections it has cut. */
  readonly cuts: number;
}

/** Cuts three of four connections after some of what the gateway sends; half of them without a word, half with a reset. */
export async function createCutter(target: string, next: (bound: number) => number): Promise<Cutter> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let cuts = 0;
  const server = createServer((caller) => {
    const gateway = connect(Number(port), hostname);
    let left = next(4) === 0 ? Number.POSITIVE_INFINITY : next(8192);
    const end = next(2) === 0 ? 'destroy' : 'resetAndDestroy';
    for (const socket of [caller, gateway]) {
      sockets.add(socket);
      socket.on('error', () => {}); // what one end hears when the other has gone
      socket.on('close', () => {
        sockets.delete(socket);
        caller.destroy();
        gateway.destroy();
      });
    }
    caller.pipe(gateway);
    gateway.on('data', (data) => {
      if (data.length < left) {
        left -= data.length;
        if (!caller.write(data)) gateway.pause();
        return;
      }
      cuts++;
      gateway.pause();
      caller.write(data.subarray(0, left), () => {
        caller[end]();
        gateway[end]();
      });
    });
    caller.on('drain', () => gateway.resume());
    gateway.on('end', () => caller.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get cuts() {
      return cuts;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
