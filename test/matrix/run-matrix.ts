/** Every scenario over one transport, against a gateway of its own. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { endings } from './endings.ts';
import { forms } from './forms.ts';
import { hosts } from './hosts.ts';
import { inputs } from './input.ts';
import { largeData } from './large-data.ts';
import { limits } from './limits.ts';
import { lives } from './lives.ts';
import { outputs } from './output.ts';
import { sessions } from './sessions.ts';
import { playOn, principals, type Scenarios } from './stage.ts';
import { stopping } from './stopping.ts';
import type { TransportName } from './transports.ts';
import { values } from './values.ts';
import { watching } from './watching.ts';

const scenarios: Scenarios = {
  ...values,
  ...outputs,
  ...inputs,
  ...endings,
  ...forms,
  ...stopping,
  ...watching,
  ...sessions,
  ...lives,
  ...largeData,
  ...limits,
  ...hosts,
};

/** Defines the tests. */
export function runMatrix(transport: TransportName): void {
  describe(transport, () => {
    let gateway: TestGateway;
    beforeAll(async () => {
      gateway = await startGateway({ tokens: principals });
    });
    afterAll(() => gateway.stop());

    test.each(Object.entries(scenarios))('%s', (_, play) => playOn(gateway, transport, play));
  });
}
