/** What holds for one session holds beside two hundred. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExecuteService } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import type { Client } from '../matrix/client.ts';
import { expectWellFormed, follow, only, output } from '../matrix/follow.ts';
import { transports } from '../matrix/transports.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { listWorkers, workerOf } from '../support/workers.ts';
import { explodeAll } from './bombs.ts';

const count = 200;
const timeout = 300_000;
const spin = 'print("up", flush=True)\nwhile True: pass';

let gateway: TestGateway;
let client: Client;
let sessions: string[];
beforeAll(async () => {
  gateway = await startGateway();
  client = transports['native gRPC']({ ...gateway, token: gateway.token() });
  // On both workers: sessions of one kind are on one of them.
  sessions = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const { id } = await client.createSession({ preload: i % 2 === 0 ? [] : ['decimal'] });
      await client.run({ sessionId: id, code: `x = ${i}` });
      return id;
    }),
  );
}, timeout);
afterAll(async () => {
  client.close();
  await gateway.stop();
});

async function expectKept(which: readonly string[]): Promise<void> {
  const values = await Promise.all(which.map((sessionId) => client.run({ sessionId, code: 'x' })));
  expect(values.map(({ value }) => Number(value?.text))).toEqual(which.map((id) => sessions.indexOf(id)));
}

test('bombs in twenty more at once end with the right reason, and the others notice nothing', { timeout }, async () => {
  await explodeAll(client, 20);
  await expectKept(sessions);
});

test('twenty that are busy can be looked into and stopped', { timeout }, async () => {
  const busy = sessions.slice(0, 20);
  const running = busy.map((sessionId) => ({ sessionId, reading: follow(client.execute({ sessionId, code: spin })) }));
  for (const { reading } of running) await reading.first('stdout');
  await Promise.all(
    running.map(async ({ sessionId }) => {
      const { variables } = await (client.calls as NonNullable<Client['calls']>).unary(
        ExecuteService.method.listVariables,
        { sessionId },
      );
      expect(variables.map(({ name }) => name)).toContain('x');
      await client.interrupt({ sessionId });
    }),
  );
  for (const { reading } of running) {
    expect(only(await reading.all, 'finished')).toMatchObject({ outcome: 'INTERRUPTED', statePreserved: true });
  }
  await expectKept(sessions);
});

test('forty that write at once are read whole', { timeout }, async () => {
  const all = Buffer.from(`${'x'.repeat(99_999)}\n`.repeat(40));
  await Promise.all(
    sessions.slice(0, 40).map(async (sessionId) => {
      const events = await follow(client.execute({ sessionId, code: 'for _ in range(40): print("x" * 99_999)' })).all;
      expectWellFormed(events);
      expect(output(events, 'stdout').equals(all), 'it is whole').toBe(true);
    }),
  );
});

test('sessions that die are told by name, and a worker that dies takes its own alone', { timeout }, async () => {
  const dying = sessions.slice(0, 20);
  const ends = await Promise.all(
    dying.map((sessionId) => client.run({ sessionId, code: 'import os; os.kill(os.getpid(), 9)' })),
  );
  for (const end of ends) expect(end).toMatchObject({ outcome: 'KILLED', signal: 9, generation: 2 });
  await expectKept(sessions.slice(20));

  const worker = await workerOf(gateway, sessions[20] as string);
  const places = await Promise.all(sessions.slice(20).map(async (id) => ({ id, at: await workerOf(gateway, id) })));
  const elsewhere = places.filter(({ at }) => at.id !== worker.id).map(({ id }) => id);
  expect(elsewhere.length).toBeGreaterThan(0);
  process.kill(worker.pid, 'SIGKILL');
  await expectKept(elsewhere);
  for (const { id, at } of places) {
    if (at.id !== worker.id) continue;
    await expect(client.run({ sessionId: id, code: 'x' })).rejects.toMatchObject({ reason: 'SESSION_CLOSED' });
  }
  expect(await listWorkers(gateway)).toHaveLength(2);
});
