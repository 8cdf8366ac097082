/** Many callers of many transports at once, in the same sessions, with code that ends in every way. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CallFailed, type Client, type Event } from '../matrix/client.ts';
import { expectWellFormed, output } from '../matrix/follow.ts';
import { type TransportName, transports } from '../matrix/transports.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { createNumbers } from './numbers.ts';

let gateway: TestGateway;
let clients: Client[];
beforeAll(async () => {
  gateway = await startGateway();
  clients = (Object.keys(transports) as TransportName[]).map((name) =>
    transports[name]({ ...gateway, token: gateway.token() }),
  );
});
afterAll(async () => {
  for (const client of clients) client.close();
  await gateway.stop();
});

/** Code, what its caller does meanwhile, and the outcomes that this can have. */
interface Way {
  readonly code: string;
  readonly outcomes: readonly string[];
  readonly leaves?: boolean;
  readonly interrupts?: boolean;
  readonly kills?: boolean;
  readonly timeoutSeconds?: number;
}

const spin = 'print("up")\nwhile True: pass';
const ways: readonly Way[] = [
  { code: 'sum(range(1000))', outcomes: ['OK'] },
  { code: 'print("x" * 100_000)', outcomes: ['OK'] },
  { code: '1/0', outcomes: ['ERROR'] },
  { code: 'import sys; sys.exit(4)', outcomes: ['EXITED'] },
  { code: 'import os; os._exit(4)', outcomes: ['EXITED'] },
  { code: 'import os; os.kill(os.getpid(), 9)', outcomes: ['KILLED'] },
  { code: 'import os, sys\nif os.fork() == 0: sys.exit(0)\nos.wait()', outcomes: ['OK', 'ERROR'] },
  { code: 'import asyncio; await asyncio.sleep(0.001, 5)', outcomes: ['OK'] },
  { code: spin, outcomes: ['CANCELLED'], leaves: true },
  { code: spin, outcomes: ['INTERRUPTED'], interrupts: true },
  { code: spin, outcomes: ['INTERRUPTED'], kills: true },
  { code: spin, outcomes: ['TIMEOUT'], timeoutSeconds: 0.05 },
];
/** One that waits when its session dies, or is closed. */
const always = ['CANCELLED'];

async function play(client: Client, sessionId: string | undefined, executionId: string, way: Way): Promise<string> {
  const leaving = new AbortController();
  const { code, timeoutSeconds } = way;
  const where = sessionId === undefined ? { fresh: true } : { sessionId };
  const events: Event[] = [];
  try {
    const stream = client.execute({ ...where, executionId, code, timeoutSeconds }, { signal: leaving.signal });
    for await (const event of stream) {
      const isUp = event.type === 'stdout' && !events.some(({ type }) => type === 'stdout');
      events.push(event);
      if (!isUp) continue;
      if (way.leaves) leaving.abort();
      // What runs may have ended by another's doing before it arrives.
      if (way.interrupts) void client.interrupt({ executionId }).catch(allow('NOTHING_RUNNING'));
      if (way.kills) void client.interrupt({ executionId }, { kill: true }).catch(allow('NOTHING_RUNNING'));
    }
  } catch (error) {
    if (!way.leaves || !leaving.signal.aborted) throw error;
    const { state, result } = await client.get(executionId, 20);
    expect(state).toBe('FINISHED');
    return result?.outcome as string;
  }
  expectWellFormed(events);
  output(events, 'stdout');
  const end = events.at(-1);
  return end?.type === 'finished' ? (end.outcome as string) : 'no end';
}

function allow(reason: string): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof CallFailed) || error.reason !== reason) throw error;
  };
}

test('each execution has its one end, and every session is usable afterwards', async () => {
  const next = createNumbers(20_26);
  const owner = clients[0] as Client;
  const sessions = await Promise.all(Array.from({ length: 6 }, () => owner.createSession()));
  const callers = Array.from({ length: 21 }, (_, i) => ({
    client: clients[i % clients.length] as Client,
    plan: Array.from({ length: 12 }, () => ({
      way: ways[next(ways.length)] as Way,
      sessionId: next(4) === 0 ? undefined : (sessions[next(sessions.length)]?.id as string),
    })),
  }));
  const wrong: unknown[] = [];
  await Promise.all(
    callers.map(async ({ client, plan }, i) => {
      for (const [j, { way, sessionId }] of plan.entries()) {
        const outcome = await play(client, sessionId, `crowd-${i}-${j}`, way).catch((error) => String(error));
        if (![...way.outcomes, ...always].includes(outcome)) wrong.push([i, j, way, sessionId, outcome]);
      }
    }),
  );
  expect(wrong).toEqual([]);
  for (const { id } of sessions) {
    expect(await owner.run({ sessionId: id, code: '6 * 7' })).toMatchObject({ outcome: 'OK', value: { text: '42' } });
    expect(await owner.closeSession(id)).toMatchObject({ state: 'CLOSED' });
  }
});
