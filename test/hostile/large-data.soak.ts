/** A gigabyte each way. */
import { test } from 'vitest';
import { startGateway } from '../support/gateway.ts';
import { carryBothWays } from './large-data.ts';

test('1 GiB goes each way through a gateway and a worker that hold little of it', { timeout: 600_000 }, async () => {
  await using gateway = await startGateway();
  await carryBothWays(gateway, 1024);
});
