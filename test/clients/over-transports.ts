/** Defines a test for each scenario over each transport, against one gateway. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { playOn, type Scenarios, transports } from './stage.ts';

/** Plays all scenarios over all transports. */
export function testOverTransports(scenarios: Scenarios): void {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ tokens: ['ann'] });
  });
  afterAll(() => gateway?.stop());

  describe.each(Object.keys(transports))('%s', (transport) => {
    test.each(Object.entries(scenarios))('%s', (_, play) => playOn(gateway, transport, play));
  });
}
