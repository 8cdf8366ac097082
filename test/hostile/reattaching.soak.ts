/** Ten thousand broken connections, over every transport, several readers at a time. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TransportName, transports } from '../matrix/transports.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { createNumbers } from './numbers.ts';
import { reattach } from './reattaching.ts';

const total = 10_000;
const names = Object.keys(transports) as TransportName[];

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

test('nothing is lost and nothing comes twice', { timeout: 2_400_000 }, async () => {
  const next = createNumbers(10_000);
  let breaks = 0;
  await Promise.all(
    names.map(async (name) => {
      const connect = () => transports[name]({ ...gateway, token: gateway.token() });
      const client = connect();
      const { id: sessionId } = await client.createSession();
      for (let own = 0; own < total / names.length; ) {
        const more = await reattach({ connect, sessionId, times: 200, next });
        own += more;
        breaks += more;
      }
      await client.closeSession(sessionId);
      client.close();
    }),
  );
  expect(breaks).toBeGreaterThanOrEqual(total);
});
