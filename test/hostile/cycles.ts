/** Sessions that are opened, used and closed, or killed, over and over: what they took is given back. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../matrix/client.ts';
import { follow } from '../matrix/follow.ts';
import { type TransportName, transports } from '../matrix/transports.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { processesMarked } from '../support/processes.ts';
import { createProgress } from '../support/progress.ts';
import { until } from '../support/until.ts';
import { grown, type Holdings, holdings, type Lasting, lastingProcesses } from './holdings.ts';
import { startDaemon } from './marked.ts';
import { memoryBytes } from './memory.ts';

const names = Object.keys(transports) as TransportName[];

/** How much of it. */
export interface Cycles {
  readonly cycles: number;
  readonly kills: number;
  /** Nothing has changed for so long: then nothing is on its way out any more, idle connections neither. */
  readonly quietMs: number;
  readonly timeoutMs: number;
}

/** Uses a session as programs do: threads, a child, files of its own, output, values. */
const use = [
  'import subprocess, tempfile, threading',
  'with open("left", "w") as file: file.write("behind")',
  'kept = tempfile.NamedTemporaryFile(delete=False)',
  'threading.Thread(target=threading.Event().wait, daemon=True).start()',
  'print(subprocess.run(["echo", "child"], capture_output=True, text=True, check=True).stdout * 100)',
  '6 * 7',
].join('\n');

async function openRunClose(client: Client): Promise<void> {
  const { id } = await client.createSession();
  expect(await client.run({ sessionId: id, executionId: randomUUID(), code: use })).toMatchObject({
    outcome: 'OK',
    value: { text: '42' },
  });
  expect(await client.closeSession(id)).toMatchObject({ state: 'CLOSED' });
}

/** The ways in which a session's process is killed while it is busy. */
const ways: ((client: Client, target: { sessionId: string; pid: number }) => unknown)[] = [
  (_, { pid }) => process.kill(pid, 'SIGKILL'),
  (_, { pid }) => process.kill(pid, 'SIGSEGV'),
  (client, { sessionId }) => client.interrupt({ sessionId }, { kill: true }),
  (client, { sessionId }) => client.closeSession(sessionId),
];

async function openAndKill(client: Client, marker: string, number: number): Promise<void> {
  const way = number % ways.length;
  const { id: sessionId } = await client.createSession();
  const executionId = randomUUID();
  const code = `${startDaemon(marker)}while True: pass`;
  const running = follow(client.execute({ sessionId, executionId, code }));
  const { pid } = await running.first('started');
  await running.first('stdout');
  await ways[way]?.(client, { sessionId, pid });
  expect((await running.all).at(-1)).toMatchObject({ type: 'finished', statePreserved: false });
  if (way === ways.length - 1) return;
  expect(await client.run({ sessionId, code: '6 * 7' })).toMatchObject({ outcome: 'OK', generation: 2 });
  await client.closeSession(sessionId);
}

/** Defines the test. */
export function testCycles({ cycles, kills, quietMs, timeoutMs }: Cycles): void {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ maxHeapMebibytes: 64 });
  });
  afterAll(() => gateway.stop());

  test(`${cycles} sessions that are opened and closed and ${kills} that are killed leave everything as it was`, {
    timeout: timeoutMs,
  }, async ({ onTestFailed }) => {
    onTestFailed(() => console.error(gateway.log()));
    const marker = `marker-${randomUUID()}`;
    const round = async (count: number, act: (client: Client, number: number) => Promise<void>, what: string) => {
      const progress = createProgress(what, count, () => `; gateway: ${memoryBytes(gateway.pid) >> 20} MiB`);
      let number = 0;
      await Promise.all(
        names.map(async (name) => {
          const client = transports[name]({ ...gateway, token: gateway.token() });
          while (number < count) {
            await act(client, number++);
            progress();
          }
          client.close();
        }),
      );
    };
    const kill = (client: Client, number: number) => openAndKill(client, marker, number);
    // What is made once, and what is kept of sessions and executions that have ended, up to its bound, is no growth.
    await round(cycles / 2, openRunClose, 'cycles, first half');
    await round(kills / 2, kill, 'kills, first half');
    const lasting = await lastingProcesses(gateway);
    const before = await settled(gateway, lasting, quietMs);
    await round(cycles / 2, openRunClose, 'cycles, second half');
    await round(kills / 2, kill, 'kills, second half');
    let left: string[] = [];
    await until(
      'everything is given back',
      () => {
        left = grown(before, holdings(gateway, lasting));
        return left.length === 0 && processesMarked(marker).length === 0;
      },
      20_000,
    ).catch((error) => {
      expect(left).toEqual([]);
      throw error;
    });
    const after = holdings(gateway, lasting);
    console.error(
      'GROWTH',
      Object.entries(after.memory)
        .map(([n, b]) => `${n}: ${((b - (before.memory[n] as number)) / 1024).toFixed(0)} KiB`)
        .join('; '),
    );
    expect(await lastingProcesses(gateway)).toEqual(lasting);
    // A worker's pool for what blocks grows to its bound, whenever it is busy enough.
    for (const [name, count] of Object.entries(after.threads))
      expect(count, `threads of ${name}`).toBeLessThan((before.threads[name] as number) + 8);
    for (const [name, bytes] of Object.entries(after.memory))
      expect(bytes - (before.memory[name] as number), `memory of ${name}`).toBeLessThan(48 * 1024 * 1024);
    expect(gateway.log()).toBe('');
  });
}

/** Holdings once nothing becomes less or more any more. */
async function settled(gateway: TestGateway, lasting: Lasting, quietMs: number): Promise<Holdings> {
  let now = holdings(gateway, lasting);
  let since = performance.now();
  await until(
    'nothing changes any more',
    () => {
      const before = now;
      now = holdings(gateway, lasting);
      if (grown(now, before).length > 0 || grown(before, now).length > 0) since = performance.now();
      return performance.now() - since > quietMs;
    },
    30_000,
  );
  return now;
}
