/** Readers of large data who take nothing: their session is not theirs for good. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../src/client/node.ts';
import { createGrpcClient } from '../matrix/grpc.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

const stallMs = 1000;
const timeoutMs = 60_000;
const size = 64 << 20;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ flags: ['--read-stall-timeout-ms', String(stallMs)] });
});
afterAll(() => gateway?.stop());

test('a session expires although somebody has begun to read, and the reader is told', {
  timeout: timeoutMs,
}, async () => {
  await using python = await connect({ address: gateway.rpc, token: gateway.token() });
  const client = createGrpcClient(gateway.rpc, gateway.token());
  const session = await python.createSession({ idleTimeoutMs: 1000 });
  const handleId = await client.hold(session.id, `bytes(${size})`);
  const { chunks } = await client.readObject({ sessionId: session.id, handleId });
  const reading = chunks[Symbol.asyncIterator]();
  expect((await reading.next()).done).toBe(false);
  await until('the session has expired', async () => (await session.info()).closeReason === 'IDLE_TIMEOUT', 20_000);
  const read = async () => {
    while (!(await reading.next()).done);
  };
  await expect(read()).rejects.toMatchObject({ reason: 'READER_TOO_SLOW' });
  await expect(client.readObject({ sessionId: session.id, handleId })).rejects.toMatchObject({
    reason: 'SESSION_CLOSED',
  });
  client.close();
});

test('a slow reader who takes something again and again is no stalled one', { timeout: timeoutMs }, async () => {
  await using python = await connect({ address: gateway.http, token: gateway.token(), protocol: 'connect' });
  await using session = await python.createSession({ idleTimeoutMs: 1000 });
  const object = await session.evaluate(`bytes(${size})`).$handle();
  const begun = performance.now();
  const { services } = python;
  let bytes = 0;
  const request = { sessionId: session.id, handleId: object.$facts.id };
  for await (const { part } of services.objects.read(request)) {
    if (part.case !== 'data') continue;
    bytes += part.value.length;
    // Longer than the session may be idle, in steps shorter than a stall.
    if (performance.now() - begun < 3 * stallMs) await new Promise((resolve) => setTimeout(resolve, stallMs / 4));
  }
  expect(bytes).toBe(size);
});

test('a program that stood still reads on where it was', { timeout: timeoutMs }, async () => {
  await using python = await connect({ address: gateway.rpc, token: gateway.token() });
  await using session = await python.createSession();
  await session.run(`data = bytes(range(256)) * ${size / 256}`);
  const { objects } = python.services;
  const { read } = objects;
  const offsets: bigint[] = [];
  objects.read = (request, options) => {
    offsets.push((request as { offset: bigint }).offset);
    return read(request, options);
  };
  let hasStood = false;
  const data = await session.get('data').$readBytes({
    onProgress() {
      if (hasStood) return;
      hasStood = true;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3 * stallMs);
    },
  });
  expect(data.length).toBe(size);
  expect(data.every((byte, index) => byte === index % 256)).toBe(true);
  expect(offsets.length).toBe(2);
  expect(offsets[1]).toBeGreaterThan(0n);
});
