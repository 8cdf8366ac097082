/** Connections that break: events come once and in order, code runs once, and who is gone is said to be gone. */
import { describe, expect, test } from 'vitest';
import { connect } from '../../src/client/node.ts';
import { createCutter } from '../hostile/cutter.ts';
import { numbers } from '../hostile/numbers.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { type ConnectTestOptions, transports } from './stage.ts';

/** For each transport; connections that cut ever again take their time. */
const lines = 4000;
const runs = 40;
const timeoutMs = 120_000;

/** Each line is an event of its own, since the stream changes; the pauses let the reader catch up with the code. */
const printing = [
  'import sys, time',
  `for i in range(${lines}):`,
  '    print(i, file=(sys.stdout, sys.stderr)[i % 2])',
  '    if i % 40 == 0: time.sleep(0.002)',
].join('\n');

describe.each(Object.entries(transports))('%s', (transport, connectOver) => {
  test(
    'a connection that is cut at random places loses no event, doubles none, and runs nothing twice',
    async () => {
      await using gateway = await startGateway();
      const { next, seed } = numbers();
      console.log(`seed ${seed}`);
      const target = transport === 'native gRPC' ? gateway.rpc : gateway.http;
      await using cutter = await createCutter(target, next);
      await using python = await connectOver(gateway, { address: cutter.url });
      await using session = await python.createSession();

      let seen = 0;
      const texts = { stdout: '', stderr: '' };
      let outcome = '';
      for await (const event of session.execute(printing)) {
        expect(event.seq, event.type).toBe(seen + 1);
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
      expect(cutter.cuts).toBeGreaterThan(20);
    },
    timeoutMs,
  );
});

describe('a gateway that went away', () => {
  const gone = async (gateway: TestGateway, options: ConnectTestOptions) =>
    connect({ address: gateway.rpc, token: gateway.token(), ...options });

  test('is UNREACHABLE after the time that was said, and closing waits for nobody', async () => {
    await using gateway = await startGateway();
    await using python = await gone(gateway, { reconnectTimeoutMs: 200 });
    await using session = await python.createSession();
    const execution = session.execute('while True: pass');
    const events = execution[Symbol.asyncIterator]();
    await events.next();
    await gateway.kill();
    const broken = { name: 'BeepError', reason: 'UNREACHABLE', retryable: true };
    const read = async () => {
      for (;;) if ((await events.next()).done) return;
    };
    await expect(read()).rejects.toMatchObject(broken);
    await expect(read().then(() => session.run('1'))).rejects.toThrow('it did not come back within 200 ms');
    await expect(Promise.resolve(session.import('math').pi)).rejects.toMatchObject({ reason: 'UNREACHABLE' });
    // Or leaving the scope of the session would wait for the gateway, and fail.
    session.close = async () => undefined;
  });

  test('code that is to be stopped with its caller is, and the events end', async () => {
    await using gateway = await startGateway();
    const { next } = numbers();
    await using cutter = await createCutter(gateway.rpc, (bound) =>
      bound === 4 ? 1 : bound === 8192 ? 3000 : next(bound),
    );
    await using straight = await gone(gateway, {});
    await using session = await straight.createSession();
    await using python = await gone(gateway, { address: cutter.url });
    const execution = python.session(session.id).execute(printing, { onConnectionLost: 'cancel' });
    const read = async () => {
      for await (const _ of execution);
    };
    await expect(read()).rejects.toMatchObject({ reason: 'CONNECTION_LOST' });
    expect((await straight.attach(execution.id).result()).outcome).toBe('CANCELLED');
  });

  test('a closed client says so', async () => {
    await using gateway = await startGateway();
    const python = await gone(gateway, {});
    await python.close();
    await expect(python.run('1')).rejects.toMatchObject({ reason: 'CLIENT_CLOSED' });
  });
});
