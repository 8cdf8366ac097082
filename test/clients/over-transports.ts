/** Defines a test for each scenario over each transport, against one gateway. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { playOn, type Scenarios, transports } from './stage.ts';

/** Environments with numpy and pandas take their time to begin on a busy machine. */
const timeoutMs = 60_000;

/**
 * One of each kind: both runtimes of JavaScript, both versions of HTTP, all three protocols. The others differ from them in
 * what `test/matrix` plays over all of them; they are for `npm run soak`.
 */
const ofEveryRun = ['native gRPC', 'Connect over HTTP/1.1', 'gRPC-Web by fetch'];

/** Those that are played in this run. */
export const played = Object.keys(transports).filter(
  (name) => ofEveryRun.includes(name) !== (process.env.BEEP_TEST_SOAK !== undefined),
);

/** Plays all scenarios over the transports of this run. */
export function testOverTransports(scenarios: Scenarios): void {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ tokens: ['ann'] });
  });
  afterAll(() => gateway?.stop());

  describe.each(played)('%s', (transport) => {
    test.each(Object.entries(scenarios))('%s', { timeout: timeoutMs }, (_, play) => playOn(gateway, transport, play));
  });
}
