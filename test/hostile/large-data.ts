/** Large data through a gateway and a worker that hold little of it. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { createGrpcClient } from '../matrix/grpc.ts';
import type { TestGateway } from '../support/gateway.ts';
import { listWorkers } from '../support/workers.ts';
import { memoryBytes, peakMemoryBytes, resetPeakMemory } from './memory.ts';

const mebibyte = 1024 * 1024;
/** What the gateway, and a worker, may hold above what they hold when nothing is to do. */
const allowedBytes = 64 * mebibyte;

/** Writes so many mebibytes and reads them again, natively and by the plain routes; the most memory that was held. */
export async function carryBothWays(gateway: TestGateway, mebibytes: number): Promise<void> {
  const client = createGrpcClient(gateway.rpc, gateway.token());
  const { id: sessionId } = await client.createSession();
  // What the first of its kind makes, such as code that is compiled, is not of the data.
  await turn(gateway, client, sessionId, 4);
  const pids = [gateway.pid, ...(await listWorkers(gateway)).map(({ pid }) => pid)];
  const idle = pids.map(memoryBytes);
  pids.forEach(resetPeakMemory);
  await turn(gateway, client, sessionId, mebibytes);
  const above = pids.map((pid, at) => Math.round((peakMemoryBytes(pid) - (idle[at] as number)) / mebibyte));
  console.log(`${mebibytes} MiB each way: gateway and workers held ${above.join(', ')} MiB above idle`);
  for (const each of above) expect(each).toBeLessThanOrEqual(allowedBytes / mebibyte);
  client.close();
}

async function turn(
  gateway: TestGateway,
  client: ReturnType<typeof createGrpcClient>,
  sessionId: string,
  mebibytes: number,
): Promise<void> {
  const totalBytes = mebibytes * mebibyte;
  const headers = { authorization: `Bearer ${gateway.token()}` };
  const objects = `${gateway.http}/sessions/${sessionId}/objects`;

  const sent = createHash('sha256');
  const { handleId } = await client.writeObject({ sessionId, totalBytes }, blocks(mebibytes, sent));
  const digest = sent.digest('hex');
  const read = await client.readObject({ sessionId, handleId: handleId as string });
  expect(await digestOf(read.chunks)).toBe(digest);
  const { body } = await fetch(`${objects}/${handleId}`, { headers });
  expect(await digestOf(body as AsyncIterable<Uint8Array>)).toBe(digest);
  await client.run({ sessionId, code: 'import gc; gc.collect()' });

  const again = createHash('sha256');
  const put = await fetch(`${objects}?assignTo=put`, {
    method: 'PUT',
    headers: { ...headers, 'content-type': 'application/octet-stream' },
    body: blocks(mebibytes, again) as never,
    duplex: 'half',
  } as RequestInit);
  expect(await put.json()).toMatchObject({ typeName: 'bytes', receivedBytes: totalBytes });
  const code = 'import hashlib; digest = hashlib.sha256(put).hexdigest(); del put; digest';
  expect((await client.run({ sessionId, code })).value?.text).toBe(`"${again.digest('hex')}"`);
}

async function* blocks(count: number, hash: ReturnType<typeof createHash>): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < count; n++) {
    const block = Buffer.alloc(mebibyte, `block ${n} `);
    hash.update(block);
    yield block;
  }
}

async function digestOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}
