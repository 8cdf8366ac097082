/** Interact, where a transport carries both directions at once. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { interactions } from './interact.ts';
import { playOn } from './stage.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

describe.each(['native gRPC', 'gRPC over h2c on the HTTP port', 'Connect binary'] as const)('%s', (transport) => {
  test.each(Object.entries(interactions))('%s', (_, play) => playOn(gateway, transport, play));
});

test('over HTTP/1.1 it says that its twins have to be used', async () => {
  const answer = await fetch(`${gateway.http}/beep.python.v1.ExecuteService/Interact`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.token()}`, 'content-type': 'application/connect+json' },
    body: Buffer.from([0, 0, 0, 0, 0]),
  });
  expect(await answer.text()).toContain('NOT_IMPLEMENTED');
});
