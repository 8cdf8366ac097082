/** Readers who lose their connection again and again lose no event, and get none twice. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TransportName, transports } from '../matrix/transports.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { createCutter } from './cutter.ts';
import { createNumbers } from './numbers.ts';
import { reattach } from './reattaching.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const names = Object.keys(transports) as TransportName[];

test.each(names)('%s', async (name) => {
  const connect = () => transports[name]({ ...gateway, token: gateway.token() });
  const client = connect();
  const { id: sessionId } = await client.createSession();
  const breaks = await reattach({ connect, sessionId, times: 40, next: createNumbers(40) });
  expect(breaks.all).toBeGreaterThan(30);
  if (!name.startsWith('plain')) expect(breaks.refused).toBeGreaterThan(0);
  await client.closeSession(sessionId);
  client.close();
});

test.each(names)('%s, over connections that are cut at any byte', async (name) => {
  const next = createNumbers(41);
  const token = gateway.token();
  await using http = await createCutter(gateway.http, next);
  await using rpc = await createCutter(gateway.rpc, next);
  const connect = () => transports[name]({ http: http.url, rpc: rpc.url, token });
  const client = transports[name]({ ...gateway, token });
  const { id: sessionId } = await client.createSession();
  const breaks = await reattach({ connect, sessionId, times: 40, next, isCut: true });
  expect(http.cuts + rpc.cuts).toBeGreaterThan(2);
  expect(breaks.all).toBeGreaterThan(30);
  await client.closeSession(sessionId);
  client.close();
});
