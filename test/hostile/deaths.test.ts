/** Processes of ours that are killed, and what their callers are told. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestFolder } from '../integration/setup/test-home.ts';
import type { Client } from '../matrix/client.ts';
import { collect, expectWellFormed, follow, only } from '../matrix/follow.ts';
import { type TransportName, transports } from '../matrix/transports.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { parentOf, processesBelow, processesMarked, stillRunning } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { listWorkers, type WorkerFacts, workerOf } from '../support/workers.ts';
import { startDaemon, untilMarked } from './marked.ts';

const spin = 'print("up")\nwhile True: pass';
const names = Object.keys(transports) as TransportName[];
/** On the two workers there are, principals fall to one or the other. */
const principals = Array.from({ length: 8 }, (_, i) => `p${i}`);

let gateway: TestGateway;
let clients: Map<TransportName, Client>;
beforeAll(async () => {
  gateway = await startGateway({ tokens: principals });
  clients = new Map(names.map((name) => [name, transports[name]({ ...gateway, token: gateway.token() })]));
});
afterAll(async () => {
  for (const client of clients.values()) client.close();
  await gateway.stop();
});

/** Whatever died, everybody can go on at once. */
beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(gateway.log())));
afterEach(async () => {
  for (const client of clients.values()) {
    expect(await client.run({ fresh: true, code: '6 * 7' })).toMatchObject({ outcome: 'OK', value: { text: '42' } });
  }
  expect((await listWorkers(gateway)).map(({ state }) => state)).toEqual(['WORKER_STATE_READY', 'WORKER_STATE_READY']);
});

function client(name: TransportName = 'native gRPC'): Client {
  return clients.get(name) as Client;
}

/** A session of another principal on another worker, with a variable. */
async function sessionElsewhere(workerId: string) {
  for (const principal of principals) {
    const token = gateway.token(principal);
    const other = transports['native gRPC']({ ...gateway, token });
    const session = await other.createSession();
    if ((await workerOf(gateway, session.id, token)).id !== workerId) {
      await other.run({ sessionId: session.id, code: 'x = 5' });
      return { session, other };
    }
    await other.closeSession(session.id);
    other.close();
  }
  throw new Error('every principal is on the same worker');
}

/** Kills a process, and waits until its worker has a successor: at most four times in all, since the fifth opens a circuit. */
async function killAndReplace(worker: WorkerFacts): Promise<void> {
  process.kill(worker.pid, 'SIGKILL');
  await until('another worker is there', () => isReplaced(worker));
}

async function isReplaced(worker: WorkerFacts): Promise<boolean> {
  const workers = await listWorkers(gateway);
  return workers.every(({ id, state }) => id !== worker.id && state === 'WORKER_STATE_READY');
}

describe.each(['worker', 'keeper'] as const)('a %s is killed', (which) => {
  test('every execution on it ends once, with WORKER_LOST; what was elsewhere goes on', async () => {
    const marker = `marker-${randomUUID()}`;
    const session = await client().createSession();
    const worker = await workerOf(gateway, session.id);
    const { session: elsewhere, other } = await sessionElsewhere(worker.id);
    const running = await Promise.all(
      names.map(async (name) => {
        const executionId = randomUUID();
        const reading = follow(client(name).execute({ fresh: true, executionId, code: spin }));
        await reading.first('stdout');
        const watching = follow(client(name).watch(executionId, 1));
        await watching.first('stdout');
        return { name, executionId, reading, watching };
      }),
    );
    const ended = randomUUID();
    await client().run({ sessionId: session.id, executionId: ended, code: startDaemon(marker) });
    await untilMarked(marker, 1);
    const keeperPid = parentOf(worker.pid);
    const below = processesBelow(keeperPid);
    await using folder = await createTestFolder();
    const collected = await Promise.all(
      names.map(async (name, i) => {
        const up = join(folder.path, String(i));
        const result = client(name).run({ fresh: true, code: `open(${JSON.stringify(up)}, "w")\nwhile True: pass` });
        await until('the code runs', () => existsSync(up));
        return { name, result };
      }),
    );

    process.kill(which === 'worker' ? worker.pid : keeperPid, 'SIGKILL');
    for (const { name, executionId, reading, watching } of running) {
      const events = await reading.all;
      expectWellFormed(events);
      expect(only(events, 'finished'), name).toMatchObject({
        outcome: 'WORKER_LOST',
        statePreserved: false,
        generation: 1,
        message: expect.stringMatching(/^the worker was lost before .*; look at what it did before you run it again$/),
      });
      const watched = await watching.all;
      expectWellFormed(watched);
      expect(watched.at(-1), name).toMatchObject({ type: 'finished', outcome: 'WORKER_LOST', generation: 1 });
      expect(await client(name).get(executionId, 20), name).toMatchObject({
        state: 'FINISHED',
        sessionId: expect.stringMatching(/./),
        result: { outcome: 'WORKER_LOST', executionId },
      });
      expect((await collect(client(name).watch(executionId, events.length))).at(-1)).toMatchObject({
        outcome: 'WORKER_LOST',
      });
    }
    for (const { name, result } of collected)
      expect(await result, name).toMatchObject({
        outcome: 'WORKER_LOST',
        generation: 1,
        sessionId: expect.stringMatching(/./),
      });
    await until('all below it has ended', () => stillRunning(below).length === 0, 2000);
    expect(processesMarked(marker)).toEqual([]);

    // Typed answers at any moment, then all is well.
    const refusals: unknown[] = [];
    for (let isOver = false; !isOver; ) {
      await client()
        .run({ code: '1' })
        .then(
          () => {
            isOver = true;
          },
          (error) => refusals.push(error),
        );
    }
    for (const error of refusals) expect(error).toMatchObject({ reason: 'WORKER_LOST', code: 14 });
    for (const name of names) {
      await expect(client(name).run({ sessionId: session.id, code: '1' }), name).rejects.toMatchObject({
        reason: 'SESSION_CLOSED',
        message: expect.stringContaining(`: its worker was lost: it was killed by SIGKILL; create a new one`),
      });
      const gone = { id: session.id, state: 'CLOSED', closeReason: 'WORKER_LOST', generation: 1, pid: 0 };
      expect(await client(name).getSession(session.id), name).toMatchObject(gone);
      expect(await client(name).listSessions({ includeClosed: true }), name).toContainEqual(
        expect.objectContaining(gone),
      );
      expect(await client(name).listSessions(), name).not.toContainEqual(expect.objectContaining({ id: session.id }));
    }
    await expect(other.getSession(session.id)).rejects.toMatchObject({ reason: 'SESSION_NOT_FOUND' });
    await expect(client().run({ sessionId: session.id, executionId: ended, code: '1' })).rejects.toMatchObject({
      reason: 'EXECUTION_ID_REUSED',
    });
    expect(await other.run({ sessionId: elsewhere.id, code: 'x' })).toMatchObject({ value: { text: '5' } });
    await other.closeSession(elsewhere.id);
    other.close();
    await until('another worker is there', () => isReplaced(worker));
  });
});

test('what nobody waits for ends with its worker too: it is told to whoever asks, from any number on, and in lists', async () => {
  const session = await client().createSession();
  const left = await Promise.all(
    names.map(async (name) => {
      const executionId = randomUUID();
      let seen = 0;
      for await (const { seq, type } of client(name).execute({ fresh: true, detach: true, executionId, code: spin })) {
        seen = seq;
        if (type === 'stdout') break;
      }
      return { name, executionId, seen };
    }),
  );
  const ended = randomUUID();
  const over = client().execute({ fresh: true, detach: true, executionId: ended, code: '1' });
  expect((await collect(over)).at(-1)).toMatchObject({ outcome: 'OK' });
  const { value } = await client().run({ sessionId: session.id, code: 'import os\nos.getcwd()' });
  const folder = JSON.parse(value?.text as string) as string;
  expect(existsSync(folder)).toBe(true);
  await killAndReplace(await workerOf(gateway, session.id));
  await until('the folders of its sessions are gone', () => !existsSync(folder));
  const { executions } = await client().executionsPage({ pageSize: 1000, states: ['FINISHED'] });
  for (const { name, executionId, seen } of left) {
    const { result, ...info } = await client(name).get(executionId);
    expect(info, name).toMatchObject({ state: 'FINISHED', sessionId: expect.stringMatching(/./), nextSeq: seen + 2 });
    expect(result, name).toMatchObject({ outcome: 'WORKER_LOST', generation: 1 });
    const finished = { type: 'finished', seq: seen + 1, outcome: 'WORKER_LOST' };
    expect(await collect(client(name).watch(executionId, seen + 1)), name).toMatchObject([finished]);
    expect(await collect(client(name).watch(executionId, seen + 2)), name).toEqual([]);
    const all = await collect(client(name).watch(executionId, 1));
    expect(all, name).toMatchObject([{ type: 'dropped', firstSeq: 1, lastSeq: seen }, finished]);
    expect(executions, name).toContainEqual(expect.objectContaining({ ...info, state: 'FINISHED' }));
  }
  expect(executions).not.toContainEqual(expect.objectContaining({ executionId: ended }));
  await expect(client().get(ended)).rejects.toMatchObject({ reason: 'LOG_EXPIRED' });
});

test('the default session of a lost worker is there again, in the next generation', async () => {
  const before = await client().run({ code: 'x = 1' });
  await killAndReplace(await workerOf(gateway, before.sessionId));
  const after = await client().run({ code: '"x" in globals()' });
  expect(after).toMatchObject({ sessionId: before.sessionId, value: { text: 'false' } });
  expect(after.generation).toBe(before.generation + 1);
});

test('a template that is killed takes no session with it, and another takes its place', async () => {
  const session = await client().createSession();
  const reading = follow(client().execute({ sessionId: session.id, code: `x = 7\n${spin}` }));
  await reading.first('stdout');
  const { templatePids } = await workerOf(gateway, session.id);
  expect(templatePids.length).toBeGreaterThan(0);
  for (const pid of templatePids) process.kill(pid, 'SIGKILL');
  // While some find no template and some the next one, each gets its answer.
  const results = await Promise.allSettled(names.map((name) => client(name).run({ fresh: true, code: '1' })));
  for (const result of results) {
    if (result.status === 'fulfilled') expect(result.value.outcome).toBe('OK');
    else expect(result.reason).toMatchObject({ reason: 'START_FAILED' });
  }
  expect(await client().run({ fresh: true, code: '2' })).toMatchObject({ value: { text: '2' } });
  expect(await client().interrupt({ sessionId: session.id })).toMatchObject({ statePreserved: true });
  expect((await reading.all).at(-1)).toMatchObject({ outcome: 'INTERRUPTED', generation: 1 });
  expect(await client().run({ sessionId: session.id, code: 'x' })).toMatchObject({ value: { text: '7' } });
  // Its process can still end in every way, though the one that forked it is no more.
  const exited = await client().run({ sessionId: session.id, code: 'import os\nos._exit(3)' });
  expect(exited).toMatchObject({ outcome: 'EXITED', exitCode: 3, generation: 2 });
  expect(await client().run({ sessionId: session.id, code: '1' })).toMatchObject({ outcome: 'OK', generation: 2 });
  await client().closeSession(session.id);
});

test('a session that breaks its own link to us ends, and no other does', async () => {
  const [broken, other] = [await client().createSession(), await client().createSession()];
  await client().run({ sessionId: other.id, code: 'x = 1' });
  const result = await client().run({
    sessionId: broken.id,
    code: 'import os, socket\nfor fd in range(3, 64):\n    try: os.write(fd, b"\\xff" * 64)\n    except OSError: pass\n',
  });
  expect(result).toMatchObject({ outcome: 'KILLED', statePreserved: false, generation: 2 });
  expect(await client().run({ sessionId: broken.id, code: '1' })).toMatchObject({ outcome: 'OK', generation: 2 });
  expect(await client().run({ sessionId: other.id, code: 'x' })).toMatchObject({ value: { text: '1' } });
  await client().closeSession(broken.id);
  await client().closeSession(other.id);
});

test('a closed session leaves nothing of what it started, and its folder is gone', async () => {
  const marker = `marker-${randomUUID()}`;
  const session = await client().createSession();
  const result = await client().run({ sessionId: session.id, code: `${startDaemon(marker)}\nos.getcwd()` });
  const folder = JSON.parse(result.value?.text as string) as string;
  await untilMarked(marker, 1);
  await client().closeSession(session.id);
  await untilMarked(marker, 0, 2000);
  expect(existsSync(folder)).toBe(false);
});
