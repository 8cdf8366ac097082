/** The short form of `large-data.soak.ts`. */
import { test } from 'vitest';
import { startGateway } from '../support/gateway.ts';
import { carryBothWays } from './large-data.ts';

test('128 MiB go each way through a gateway and a worker that hold little of them', { timeout: 120_000 }, async () => {
  await using gateway = await startGateway();
  await carryBothWays(gateway, 128);
});
