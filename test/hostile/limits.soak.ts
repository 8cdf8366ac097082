/** Bombs in many sessions, for a long time. */
import { expect, test } from 'vitest';
import { transports } from '../matrix/transports.ts';
import { cgroupsOf } from '../support/cgroups.ts';
import { startGateway } from '../support/gateway.ts';
import { listWorkers } from '../support/workers.ts';
import { explodeAll } from './bombs.ts';

test('bombs in sixty sessions at once, twenty times, leave the workers as they were', {
  timeout: 600_000,
}, async () => {
  await using gateway = await startGateway();
  const client = transports['native gRPC']({ ...gateway, token: gateway.token() });
  const pids = (await listWorkers(gateway)).map(({ pid }) => pid);
  for (let round = 0; round < 20; round++) await explodeAll(client, 60);
  expect((await listWorkers(gateway)).map(({ pid }) => pid)).toEqual(pids);
  expect((await client.host()).sessionsOpen).toBe(0);
  client.close();
  await gateway.stop();
  expect(cgroupsOf('memory', pids)).toEqual([]);
});
