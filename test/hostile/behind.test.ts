/** Callers who read more slowly than the code writes, and readers who stop: what they get, and what they cost. */
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestFolder } from '../integration/setup/test-home.ts';
import type { Client, Event } from '../matrix/client.ts';
import { collect, expectWellFormed, follow } from '../matrix/follow.ts';
import { createStage } from '../matrix/stage.ts';
import { type TransportName, transports } from '../matrix/transports.ts';
import { createSharedHome, startGateway, type TestGateway } from '../support/gateway.ts';
import { listWorkers } from '../support/workers.ts';
import { digestOf, readLate, writing } from './behind.ts';
import { memoryBytes, peakMemoryBytes } from './memory.ts';

const mebibyte = 1024 * 1024;
const names = Object.keys(transports) as TransportName[];

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const connect = (name: TransportName): Client => transports[name]({ ...gateway, token: gateway.token() });
const ours = async () => [gateway.pid, ...(await listWorkers(gateway)).map(({ pid }) => pid)];

test('callers who lag get all of it, over every transport, and it is never all in memory', {
  timeout: 120_000,
}, async () => {
  const mebibytes = 48;
  const before = (await ours()).map(peakMemoryBytes);
  await Promise.all(
    names.map(async (name) => {
      const client = connect(name);
      const { id } = await client.createSession();
      expect(await readLate(client, id, mebibytes), name).toBe(digestOf(mebibytes));
      await client.closeSession(id);
      client.close();
    }),
  );
  // Together they are several times this; most of it is what garbage collection leaves to later.
  const after = (await ours()).map(peakMemoryBytes);
  for (const [i, peak] of after.entries()) expect(peak - (before[i] as number)).toBeLessThan(280 * mebibyte);
});

test('readers who stop cost little and delay nobody', { timeout: 60_000 }, async () => {
  const executionId = randomUUID();
  const client = connect('native gRPC');
  const { id: sessionId } = await client.createSession();
  expect(await client.run({ sessionId, executionId, code: writing(20) })).toMatchObject({ outcome: 'OK' });
  const stopped: AsyncIterator<Event>[] = [];
  const stop = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const reader = client.watch(executionId, 1)[Symbol.asyncIterator]();
      expect((await reader.next()).value).toMatchObject({ seq: 1 });
      stopped.push(reader);
    }
  };
  await stop(30); // what is made only once does not count
  const before = (await ours()).map(memoryBytes);
  await stop(100);
  const after = (await ours()).map(memoryBytes);
  const grown = after.reduce((sum, bytes, i) => sum + bytes - (before[i] as number), 0);
  expect(grown / 100).toBeLessThan(mebibyte);
  expect(await client.run({ sessionId, code: '6 * 7' })).toMatchObject({ value: { text: '42' } });
  expectWellFormed(await collect(client.watch(executionId, 1)));
  await Promise.all(stopped.map((reader) => reader.return?.()));
  await client.closeSession(sessionId);
  client.close();
});

test('an execution that nobody reads says what of its output is gone', { timeout: 60_000 }, async () => {
  const mebibytes = 90;
  const client = connect('native gRPC');
  const executionId = randomUUID();
  const { id: sessionId } = await client.createSession();
  const code = `input()\n${writing(mebibytes)}`;
  for await (const event of client.execute({ sessionId, executionId, code, interactive: true, detach: true }))
    if (event.type === 'inputRequest') break;
  await client.sendInput(executionId, { text: '\n' });
  const info = await client.get(executionId, 30);
  expect(info).toMatchObject({ state: 'FINISHED', result: { outcome: 'OK', stdoutBytes: mebibytes * mebibyte } });
  const [dropped, ...rest] = await collect(client.watch(executionId, 1));
  if (dropped?.type !== 'dropped') throw new Error(`no word of what is gone: ${JSON.stringify(dropped)}`);
  expect(dropped).toMatchObject({ firstSeq: 1, lastSeq: dropped.seq });
  expectWellFormed(rest, dropped.lastSeq + 1);
  const kept = rest.reduce((sum, event) => sum + (event.type === 'stdout' ? event.data.length : 0), 0);
  expect(dropped.bytes + kept).toBe(mebibytes * mebibyte);
  expect(kept).toBeGreaterThan(50 * mebibyte);
  // Every transport says the same, and what is written last is there.
  for (const name of names) {
    const other = connect(name);
    const leaving = new AbortController();
    for await (const event of other.watch(executionId, 1, { signal: leaving.signal })) {
      expect(event, name).toMatchObject(dropped);
      break;
    }
    leaving.abort();
    const tail = await other.readOutput(executionId, { stream: 'stdout', offset: -8 });
    const last = String(mebibytes * 16 - 1).padStart(8, '0');
    expect(tail, name).toEqual({ offset: mebibytes * mebibyte - 8, data: Buffer.from(last) });
    other.close();
  }
  await client.closeSession(sessionId);
  client.close();
});

test('a quiet stream says every fifteen seconds that it is still there, on every transport', async () => {
  await using folder = await createTestFolder();
  const stage = createStage(gateway, 'native gRPC', folder.path);
  const go = stage.gate();
  const executionId = randomUUID();
  const owner = connect('native gRPC');
  const clients = names.map(connect);
  const code = `print("up", flush=True)\n${go.wait}`;
  const own = follow(owner.execute({ fresh: true, executionId, code }));
  await own.first('stdout');
  const streams = clients.flatMap((client) => [
    follow(client.watch(executionId, 1)),
    follow(client.execute({ fresh: true, code })),
  ]);
  const beats = await Promise.all([own, ...streams].map((stream) => stream.first('heartbeat')));
  for (const beat of beats) expect(beat).toMatchObject({ seq: 0, nextSeq: 4 });
  go.open();
  for (const { all } of [own, ...streams]) expectWellFormed(await all);
  expect(await collect(owner.watch(executionId, 1)), 'it is not kept').not.toContainEqual(
    expect.objectContaining({ type: 'heartbeat' }),
  );
  for (const client of [owner, ...clients]) client.close();
  stage.close();
});

test('what a gateway that was killed kept on disk goes when the next one starts', async () => {
  await using made = await createSharedHome();
  const { home } = made;
  const first = await startGateway({ home });
  const logs = join(home, 'run', 'logs');
  const client = transports['native gRPC']({ ...first, token: first.token() });
  await collect(client.execute({ fresh: true, code: writing(5) }));
  expect(readdirSync(logs, { recursive: true }).length).toBeGreaterThan(2 + 4);
  await first.kill();
  const next = await startGateway({ home });
  expect(readdirSync(logs, { recursive: true }).sort()).toEqual(['w1', 'w2']);
  await next.stop();
  expect(existsSync(logs)).toBe(false);
  client.close();
});
