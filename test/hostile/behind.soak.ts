/** A gibibyte to a caller who lags, and a gibibyte that nobody reads. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect, expectWellFormed } from '../matrix/follow.ts';
import { type TransportName, transports } from '../matrix/transports.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { listWorkers } from '../support/workers.ts';
import { digestOf, readLate, writing } from './behind.ts';
import { peakMemoryBytes } from './memory.ts';

const mebibyte = 1024 * 1024;
const mebibytes = 1024;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

test.each(Object.keys(transports) as TransportName[])('%s', { timeout: 600_000 }, async (name) => {
  const client = transports[name]({ ...gateway, token: gateway.token() });
  const { id: sessionId } = await client.createSession();
  const ours = [gateway.pid, ...(await listWorkers(gateway)).map(({ pid }) => pid)];
  const before = ours.map(peakMemoryBytes);
  expect(await readLate(client, sessionId, mebibytes)).toBe(digestOf(mebibytes));
  const executionId = randomUUID();
  const leaving = new AbortController();
  const stream = client.execute(
    { sessionId, executionId, code: writing(mebibytes), detach: true },
    { signal: leaving.signal },
  );
  for await (const event of stream) if (event.type === 'started') break;
  leaving.abort(); // a client that only stops to read, as Connect's on fetch does, would hold the code up
  const { result } = await client.get(executionId, 120);
  expect(result).toMatchObject({ outcome: 'OK', stdoutBytes: mebibytes * mebibyte });
  const [dropped, ...rest] = await collect(client.watch(executionId, 1));
  if (dropped?.type !== 'dropped') throw new Error('no word of what is gone');
  expectWellFormed(rest, dropped.lastSeq + 1);
  const kept = rest.reduce((sum, event) => sum + (event.type === 'stdout' ? event.data.length : 0), 0);
  expect(dropped.bytes + kept).toBe(mebibytes * mebibyte);
  for (const [i, pid] of ours.entries())
    expect(peakMemoryBytes(pid) - (before[i] as number)).toBeLessThan(256 * mebibyte);
  await client.closeSession(sessionId);
  client.close();
});
