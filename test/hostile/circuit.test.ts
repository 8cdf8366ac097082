/** Workers that go again and again: each time they are waited for longer, then not for a while, and the errors say so. */
import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import { expect, test } from 'vitest';
import { watchHost } from '../matrix/host-watch.ts';
import { type TransportName, transports } from '../matrix/transports.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { listWorkers } from '../support/workers.ts';

const names = Object.keys(transports) as TransportName[];

async function readyz(gateway: TestGateway): Promise<number> {
  return (await fetch(`${gateway.http}/readyz`)).status;
}

/** Kills what has the first place of the pool as soon as it is there, until nothing is started there any more. */
async function killUntilFailed(gateway: TestGateway, place: string) {
  const client = transports['native gRPC']({ ...gateway, token: gateway.token() });
  const waitsMs: number[] = [];
  const isPlace = (subject: string) => subject === place || subject.startsWith(`${place}-`);
  {
    await using host = await watchHost(client);
    let lostAt = 0;
    let pid = (await listWorkers(gateway)).find(({ id }) => isPlace(id))?.pid;
    for (let failed = false; !failed; ) {
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
      pid = undefined;
      while (pid === undefined && !failed) {
        const { kind, subject, attributes, time } = await host.next();
        if (!isPlace(subject)) continue;
        const timeMs = timestampMs(time as Timestamp);
        if (kind === 'worker.lost') lostAt = timeMs;
        if (kind === 'worker.starting') waitsMs.push(timeMs - lostAt);
        if (kind === 'worker.ready') pid = Number(attributes.pid);
        failed = kind === 'worker.failed';
      }
    }
  }
  client.close();
  return waitsMs;
}

test('a gateway that is told to end while a worker is being started waits for its end', async () => {
  const gateway = await startGateway();
  const client = transports['native gRPC']({ ...gateway, token: gateway.token() });
  const host = await watchHost(client);
  for (const { pid } of await listWorkers(gateway)) process.kill(pid, 'SIGKILL');
  await host.until('worker.starting');
  await gateway.stop();
  client.close();
});

test('five losses in a minute: the waits grow, the reason is told, and without any worker it is not ready', async () => {
  await using gateway = await startGateway();
  expect(await readyz(gateway)).toBe(200);
  const firstWaits = await killUntilFailed(gateway, 'w1');
  expect(firstWaits).toHaveLength(4);
  // At once, then 200 ms, 400 and 800, each a quarter more or less.
  firstWaits.forEach(
    (wait, i) => void expect(wait, `wait ${i + 1}`).toBeGreaterThanOrEqual([0, 150, 300, 600][i] ?? 0),
  );
  expect((await listWorkers(gateway)).map(({ state }) => state)).toEqual(['WORKER_STATE_FAILED', 'WORKER_STATE_READY']);
  const clients = names.map((name) => transports[name]({ ...gateway, token: gateway.token() }));
  for (const client of clients) expect(await client.run({ fresh: true, code: '6 * 7' })).toMatchObject({ text: '42' });
  expect(await readyz(gateway)).toBe(200);

  await killUntilFailed(gateway, 'w2');
  expect(await readyz(gateway)).toBe(503);
  expect((await fetch(`${gateway.http}/healthz`)).status).toBe(200);
  for (const [i, client] of clients.entries()) {
    await expect(client.run({ fresh: true, code: '1' }), names[i]).rejects.toMatchObject({
      reason: 'WORKER_LOST',
      message: expect.stringMatching(/it failed 5 times within a minute, last: it was killed by SIGKILL/),
    });
    client.close();
  }
}, 90_000);
