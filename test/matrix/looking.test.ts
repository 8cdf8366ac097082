/** Looking in over every transport that carries messages; the plain routes have none of it. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { looking } from './looking.ts';
import { playOn, principals } from './stage.ts';
import type { TransportName } from './transports.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ tokens: principals });
});
afterAll(() => gateway.stop());

const ways: TransportName[] = [
  'native gRPC',
  'gRPC over h2c on the HTTP port',
  'gRPC-Web',
  'Connect binary',
  'Connect JSON',
];

describe.each(ways)('%s', (transport) => {
  test.each(Object.entries(looking))('%s', (_, play) => playOn(gateway, transport, play));
});
