/** Readers who lose their connection again and again lose no event, and get none twice. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TransportName, transports } from '../matrix/transports.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { createNumbers } from './numbers.ts';
import { reattach } from './reattaching.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

test.each(Object.keys(transports) as TransportName[])('%s', async (name) => {
  const connect = () => transports[name]({ ...gateway, token: gateway.token() });
  const client = connect();
  const { id: sessionId } = await client.createSession();
  const breaks = await reattach({ connect, sessionId, times: 40, next: createNumbers(40) });
  expect(breaks).toBeGreaterThan(30);
  await client.closeSession(sessionId);
  client.close();
});
