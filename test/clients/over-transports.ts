/** Defines a test for each scenario over each transport, against one gateway. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { playOn, type Scenarios, transports } from './stage.ts';

/** Environments with numpy and pandas take their time to begin on a busy machine. */
const timeoutMs = 60_000;

/** Plays all scenarios over all transports. */
export function testOverTransports(scenarios: Scenarios): void {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ tokens: ['ann'] });
  });
  afterAll(() => gateway?.stop());

  describe.each(Object.keys(transports))('%s', (transport) => {
    test.each(Object.entries(scenarios))('%s', { timeout: timeoutMs }, (_, play) => playOn(gateway, transport, play));
  });
}
