/** An id that was used tells the truth of its execution, and runs nothing again, when the worker that had it is gone. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestFolder } from '../integration/setup/test-home.ts';
import type { Client } from '../matrix/client.ts';
import { collect, follow } from '../matrix/follow.ts';
import { type TransportName, transports } from '../matrix/transports.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';
import { listWorkers, type WorkerFacts, workerOf } from '../support/workers.ts';

const names = Object.keys(transports) as TransportName[];
const expired = { reason: 'LOG_EXPIRED', message: expect.stringContaining('its worker was lost') };

let gateway: TestGateway;
let clients: Map<TransportName, Client>;
beforeAll(async () => {
  gateway = await startGateway();
  clients = new Map(names.map((name) => [name, transports[name]({ ...gateway, token: gateway.token() })]));
});
afterAll(async () => {
  for (const client of clients.values()) client.close();
  await gateway.stop();
});
beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(gateway.log())));

function client(name: TransportName = 'native gRPC'): Client {
  return clients.get(name) as Client;
}

async function kill(worker: WorkerFacts): Promise<void> {
  process.kill(worker.pid, 'SIGKILL');
  await until('another worker is there', async () =>
    (await listWorkers(gateway)).every(({ id, state }) => id !== worker.id && state === 'WORKER_STATE_READY'),
  );
}

test('the finished logs of a lost worker are gone, and say so, to retries too', async () => {
  const session = await client().createSession();
  const worker = await workerOf(gateway, session.id);
  await using folder = await createTestFolder();
  const runs = join(folder.path, 'runs');
  const code = `open(${JSON.stringify(runs)}, "a").write("x")`;
  const requests = names.flatMap((name) =>
    [{ sessionId: session.id }, { fresh: true }].map((where) => ({
      name,
      request: { ...where, executionId: randomUUID(), code },
    })),
  );
  for (const { name, request } of requests) expect(await client(name).run(request)).toMatchObject({ outcome: 'OK' });
  await kill(worker);
  for (const { name, request } of requests) {
    await expect(client(name).run(request), name).rejects.toMatchObject(expired);
    await expect(collect(client(name).execute(request)), name).rejects.toMatchObject(expired);
    await expect(client(name).get(request.executionId), name).rejects.toMatchObject(expired);
    await expect(collect(client(name).watch(request.executionId, 1)), name).rejects.toMatchObject(expired);
  }
  expect(readFileSync(runs, 'utf8')).toBe('x'.repeat(requests.length));
  const { executions } = await client().executionsPage({ pageSize: 1000 });
  expect(executions).toEqual([]);
});

test('what ended with its worker ends the same for every retry', async () => {
  const session = await client().createSession();
  const worker = await workerOf(gateway, session.id);
  const request = { sessionId: session.id, executionId: randomUUID(), code: 'print("up")\nwhile True: pass' };
  const reading = follow(client().execute(request));
  await reading.first('stdout');
  await kill(worker);
  const finished = (await reading.all).at(-1);
  expect(finished).toMatchObject({ type: 'finished', outcome: 'WORKER_LOST' });
  const { seq } = finished as { seq: number };
  for (const name of names) {
    expect(await client(name).run(request), name).toMatchObject({ outcome: 'WORKER_LOST', lastSeq: seq });
    const last = (await collect(client(name).execute(request))).at(-1);
    expect(last, name).toMatchObject({ type: 'finished', seq, outcome: 'WORKER_LOST' });
  }
});

test('what was left to itself is remembered without an id of its caller too', async () => {
  const session = await client().createSession();
  const worker = await workerOf(gateway, session.id);
  const left = await Promise.all(
    names.map(async (name) => {
      const events = await collect(client(name).execute({ sessionId: session.id, code: '1', detach: true }));
      return { name, executionId: events.at(-1)?.executionId as string };
    }),
  );
  const response = await fetch(`${gateway.http}/execute`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.token()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ sessionId: session.id, code: '1', detach: true }),
  });
  const { executionId } = (await response.json()) as { executionId: string };
  expect(await client().get(executionId, 20)).toMatchObject({ state: 'FINISHED' });
  await kill(worker);
  for (const { name, executionId: id } of [...left, { name: names[0] as TransportName, executionId }]) {
    await expect(client(name).get(id), name).rejects.toMatchObject(expired);
    await expect(collect(client(name).watch(id, 1)), name).rejects.toMatchObject(expired);
  }
  await expect(client().get(randomUUID())).rejects.toMatchObject({ reason: 'EXECUTION_NOT_FOUND' });
});
