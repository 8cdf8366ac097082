/** The short form of `large-data.soak.ts`. */
import { expect, test } from 'vitest';
import { createGrpcClient } from '../matrix/grpc.ts';
import { startGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';
import { listWorkers, workerOf } from '../support/workers.ts';
import { carryBothWays } from './large-data.ts';

test('128 MiB go each way through a gateway and a worker that hold little of them', { timeout: 120_000 }, async () => {
  await using gateway = await startGateway();
  await carryBothWays(gateway, 128);
});

test('a worker that is killed is a typed end for who reads and writes', {
  timeout: 60_000,
}, async () => {
  await using gateway = await startGateway();
  const client = createGrpcClient(gateway.rpc, gateway.token());
  const begin = async () => {
    const { id: sessionId } = await client.createSession();
    const handleId = await client.hold(sessionId, 'bytes(64 << 20)');
    const { chunks } = await client.readObject({ sessionId, handleId });
    const reading = chunks[Symbol.asyncIterator]();
    await reading.next();
    return { sessionId, reading: ended(reading) };
  };
  const lost = await begin();
  const writing = client.writeObject({ sessionId: lost.sessionId, totalBytes: 64 << 20 }, endless());
  writing.catch(() => {});
  const { pid } = await workerOf(gateway, lost.sessionId);
  process.kill(pid, 'SIGKILL');
  await expect(lost.reading).rejects.toMatchObject({ reason: 'WORKER_LOST', code: 14 });
  await expect(writing).rejects.toMatchObject({ reason: expect.stringMatching(/WORKER_LOST|SESSION_CLOSED/) });
  client.close();
  await until('another worker is there', async () => {
    const workers = await listWorkers(gateway);
    return workers.every(({ state, pid: other }) => state === 'WORKER_STATE_READY' && other !== pid);
  });
});

async function ended(chunks: AsyncIterator<Uint8Array>): Promise<void> {
  while (!(await chunks.next()).done);
}

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) {
    yield Buffer.alloc(1024);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
