/** Live objects over every transport that carries messages. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { conversations, objects } from './objects.ts';
import { playOn, principals, type Scenarios } from './stage.ts';
import type { TransportName } from './transports.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ tokens: principals });
});
afterAll(() => gateway.stop());

const both: TransportName[] = ['native gRPC', 'gRPC over h2c on the HTTP port', 'Connect binary'];
const one: TransportName[] = ['gRPC-Web', 'Connect JSON'];

describe.each([...both, ...one])('%s', (transport) => {
  const scenarios: Scenarios = both.includes(transport) ? { ...objects, ...conversations } : objects;
  test.each(Object.entries(scenarios))('%s', (_, play) => playOn(gateway, transport, play));
});

test('a conversation over HTTP/1.1 says that its twins have to be used', async () => {
  const answer = await fetch(`${gateway.http}/beep.python.v1.ObjectService/Converse`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.token()}`, 'content-type': 'application/connect+json' },
    body: Buffer.from([0, 0, 0, 0, 0]),
  });
  expect(await answer.text()).toContain('NOT_IMPLEMENTED');
});
