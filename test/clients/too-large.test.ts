/** Messages over the gateway's bound: refused, and nothing else on the client suffers. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { playOn, transports } from './stage.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ tokens: ['ann'] });
});
afterAll(() => gateway?.stop());

const tooLarge = { function: 'len', args: ['x'.repeat(20_000_000)] };
const refused = {
  name: 'BeepError',
  reason: 'MESSAGE_TOO_LARGE',
  retryable: false,
  message: expect.stringContaining('as session.write'),
};

test.each(Object.keys(transports))('a refused message leaves the client usable: %s', { timeout: 60_000 }, (transport) =>
  playOn(gateway, transport, async ({ connect }) => {
    await using python = await connect({ reconnectTimeoutMs: 0 });
    await using other = await python.createSession();
    await using execution = other.execute('print("begun", flush=True)\nimport sys\nsys.stdin.readline()', {
      interactive: true,
      onConnectionLost: 'cancel',
    });
    const events = execution[Symbol.asyncIterator]();
    for (;;) {
      const { value, done } = await events.next();
      if (done || value?.type === 'stdout') break;
    }
    for (const atOnce of [1, 1, 4]) {
      const runs = Array.from({ length: atOnce }, () => expect(python.run(tooLarge)).rejects.toMatchObject(refused));
      await Promise.all(runs);
      expect((await python.run('6 * 7')).value).toBe(42);
    }
    await execution.sendInput('on\n');
    let outcome: string | undefined;
    for (;;) {
      const { value, done } = await events.next();
      if (done) break;
      if (value.type === 'finished') outcome = value.outcome;
    }
    expect(outcome).toBe('OK');
  }),
);

test('a value that is too large says what reads it, and what writes it', () =>
  playOn(gateway, 'native gRPC', async ({ python }) => {
    await using session = await python.createSession();
    await session.run('data = bytes(20_000_000)\ntext = ["x" * 20_000_000]');
    const tooLarge = session.get('data').$value();
    await expect(tooLarge).rejects.toMatchObject({ reason: 'CONVERSION_FAILED', metadata: { path: 'result' } });
    await expect(tooLarge).rejects.toThrow('larger than 8388608 bytes; take it in chunks with $readBytes');
    await expect(session.get('text').$value()).rejects.toThrow('with $readBytes');
    await expect(session.evaluate('b"12345"').$value({ maxInlineBytes: 4 })).rejects.toThrow('with $readBytes');
    const bytes = await session.get('data').$readBytes();
    expect(bytes.length).toBe(20_000_000);
    await expect(session.get('len')(bytes).then()).rejects.toThrow('as session.write');
    expect(await session.get('len')(await session.write(bytes))).toBe(20_000_000);
    // What has no exact value for another reason is told without it.
    await expect(session.evaluate('object()').$value()).rejects.toThrow(/object has no exact value$/);
  }));
