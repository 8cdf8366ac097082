/** Limits of sessions, broken all at once; and what is left of them when the gateway is killed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../matrix/client.ts';
import { transports } from '../matrix/transports.ts';
import { cgroupsOf, ownCgroup } from '../support/cgroups.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';
import { listWorkers } from '../support/workers.ts';
import { bombs, explodeAll } from './bombs.ts';

const MiB = 1024 ** 2;
const hasCgroups = ownCgroup('memory') !== undefined && ownCgroup('pids') !== undefined;

function clientOf(gateway: TestGateway): Client {
  return transports['native gRPC']({ ...gateway, token: gateway.token() });
}

describe('with the limits that each session asks for', () => {
  let gateway: TestGateway;
  let client: Client;
  beforeAll(async () => {
    gateway = await startGateway();
    client = clientOf(gateway);
  });
  afterAll(async () => {
    client.close();
    await gateway.stop();
  });

  test('bombs in twenty sessions at once end each for its reason, and the others notice nothing', async () => {
    const kinds = Object.entries(bombs).filter(([what]) => hasCgroups || what !== 'processes');
    const pids = (await listWorkers(gateway)).map(({ pid }) => pid);
    await explodeAll(
      client,
      20,
      kinds.map(([, bomb]) => bomb),
    );
    expect((await listWorkers(gateway)).map(({ pid }) => pid)).toEqual(pids);
    expect((await client.host()).sessionsOpen).toBe(0);
  });

  test('GetHost names what holds sessions here', async () => {
    const response = await fetch(`${gateway.http}/beep.python.v1.HostService/GetHost`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.token()}`, 'content-type': 'application/json' },
      body: '{}',
    });
    const { isolation } = (await response.json()) as { isolation: { level: string; details: string[] }[] };
    const limits = isolation.find(({ level }) => level === 'ISOLATION_LEVEL_LIMITS')?.details ?? [];
    expect(limits).toContainEqual(expect.stringMatching(/^memory limit: (memory cgroup v[12]|RLIMIT_AS .*)$/));
    expect(limits).toContainEqual(expect.stringMatching(/^(process limit: pids cgroup v[12]|no process limit: .+)$/));
  });
});

test.skipIf(!hasCgroups)('limits of the settings hold sessions that name none, also the default one', async () => {
  await using gateway = await startGateway({ flags: ['--session-memory-bytes', '64MiB', '--session-processes', '12'] });
  const client = clientOf(gateway);
  const greedy = `kept = bytearray(${150 * MiB})\nfor at in range(0, len(kept), 4096): kept[at] = 1`;
  for (const where of [{}, { fresh: true }]) {
    expect(await client.run({ ...where, code: greedy })).toMatchObject({ outcome: 'OUT_OF_MEMORY' });
    const fork = await client.run({ ...where, code: bombs.processes?.code });
    expect(fork).toMatchObject({ outcome: 'ERROR', message: expect.stringContaining('12 processes') });
  }
  const own = await client.createSession({ limits: { memoryBytes: 256 * MiB } });
  expect(await client.run({ sessionId: own.id, code: greedy })).toMatchObject({ outcome: 'OK' });
  client.close();
});

test.skipIf(!hasCgroups)('a gateway that is killed leaves no cgroup behind', async () => {
  const gateway = await startGateway();
  const client = clientOf(gateway);
  const pids = (await listWorkers(gateway)).map(({ pid }) => pid);
  for (let i = 0; i < 3; i++) await client.createSession({ limits: { memoryBytes: 64 * MiB, processes: 20 } });
  expect(cgroupsOf('memory', pids)).toHaveLength(2);
  expect(cgroupsOf('pids', pids)).toHaveLength(2);
  await gateway.kill();
  const left = () => [...cgroupsOf('memory', pids), ...cgroupsOf('pids', pids)];
  await until('no cgroup is left', () => left().length === 0, 2000);
  client.close();
});
