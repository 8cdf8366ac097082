/** Connections that break: events come once and in order, code runs once, and who is gone is said to be gone. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../src/client/node.ts';
import { createCutter } from '../hostile/cutter.ts';
import { createNumbers } from '../hostile/numbers.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { played } from './over-transports.ts';
import { transports } from './stage.ts';

const lines = 1200;
const runs = 20;
const timeoutMs = 120_000;

/** Each line is an event of its own, since the stream changes; the pauses let the reader catch up with the code. */
const printing = [
  'import sys, time',
  `for i in range(${lines}):`,
  '    print(i, file=(sys.stdout, sys.stderr)[i % 2])',
  '    if i % 40 == 0: time.sleep(0.002)',
].join('\n');

/** Chance that spares no connection: each of them is cut after at most 2.5 KiB. */
function cuttingAll(seed: number): (bound: number) => number {
  const next = createNumbers(seed);
  return (bound) => (bound === 4 ? 1 + next(3) : bound === 8192 ? 500 + next(2048) : next(bound));
}

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

test.each(played.map((name) => [name, Object.keys(transports).indexOf(name)] as const))(
  '%s: a connection that is cut at random places loses no event, doubles none, and runs nothing twice',
  { timeout: timeoutMs },
  async (transport, seed) => {
    const target = transport === 'native gRPC' ? gateway.rpc : gateway.http;
    await using cutter = await createCutter(target, cuttingAll(seed));
    const connectOver = transports[transport] as (typeof transports)[string];
    await using python = await connectOver(gateway, { address: cutter.url });
    await using session = await python.createSession();

    let seen = 0;
    const texts = { stdout: '', stderr: '' };
    let outcome = '';
    for await (const event of session.execute(printing)) {
      if (event.seq !== seen + 1) expect(event.seq, event.type).toBe(seen + 1);
      seen = event.seq;
      if (event.type === 'stdout' || event.type === 'stderr') texts[event.type] += event.text;
      if (event.type === 'finished') outcome = event.outcome;
    }
    expect(outcome).toBe('OK');
    const expected = (parity: number) => Array.from({ length: lines / 2 }, (_, i) => `${i * 2 + parity}\n`).join('');
    expect(texts).toEqual({ stdout: expected(0), stderr: expected(1) });

    await session.run('counted = []');
    for (let run = 0; run < runs; run++) await session.run(`counted.append(${run})`);
    expect((await session.run('counted')).value).toEqual(Array.from({ length: runs }, (_, run) => run));

    expect(cutter.cuts).toBeGreaterThan(50);
  },
);

describe('a connection that does not come back', () => {
  test('is UNREACHABLE after the time that was said, and closing waits for nobody', async () => {
    await using mortal = await startGateway();
    await using python = await connect({
      address: mortal.rpc,
      token: mortal.token(),
      reconnectTimeoutMs: 200,
    });
    const execution = python.execute('while True: pass');
    const events = execution[Symbol.asyncIterator]();
    await events.next();
    await mortal.kill();
    const read = async () => {
      while (!(await events.next()).done);
    };
    await expect(read()).rejects.toMatchObject({ name: 'BeepError', reason: 'UNREACHABLE', retryable: true });
    await expect(python.run('1')).rejects.toThrow('it did not come back within 200 ms');
    const path = python.defaultSession.import('math').pi;
    await expect(Promise.resolve(path)).rejects.toMatchObject({ reason: 'UNREACHABLE' });
  });

  test('code that is to be stopped with its caller is, and the events end', async () => {
    const next = cuttingAll(1);
    await using cutter = await createCutter(gateway.rpc, (bound) => (bound === 8192 ? 3000 : next(bound)));
    await using python = await connect({ address: gateway.rpc, token: gateway.token() });
    await using session = await python.createSession();
    await using broken = await connect({ address: cutter.url, token: gateway.token() });
    const execution = broken.session(session.id).execute(printing, { onConnectionLost: 'cancel' });
    const read = async () => {
      for await (const _ of execution);
    };
    await expect(read()).rejects.toMatchObject({ reason: 'CONNECTION_LOST' });
    expect((await (await python.attach(execution.id)).result()).outcome).toBe('CANCELLED');
  });

  test('a closed client says so', async () => {
    const python = await connect({ address: gateway.rpc, token: gateway.token() });
    await python.close();
    await expect(python.run('1')).rejects.toMatchObject({ reason: 'CLIENT_CLOSED' });
  });
});
