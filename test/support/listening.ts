/** Servers of tests on a free port of this machine. */
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

/** Its URL, once it listens. */
export async function listeningOn(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
