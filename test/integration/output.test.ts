/** Output at full rate, to the last byte, whoever else reads or leaves. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createExecuteClient } from '../support/execute-client.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';

const mebibytes = 24;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

/** Python that writes mebibytes, no two of them alike, and whose result is their digest. */
function writing(name: string): string {
  return [
    'import hashlib, os',
    'hash = hashlib.sha256()',
    `for i in range(${mebibytes}):`,
    `    block = (b'${name}%07d' % i) * (1 << 17)`,
    '    hash.update(block)',
    '    while block: block = block[os.write(1, block):]',
    'hash.hexdigest()',
  ].join('\n');
}

/** What a caller gets: the digest that it reckons, and the one that the code did. */
async function read(client: ReturnType<typeof createExecuteClient>, name: string): Promise<[string, string]> {
  const hash = createHash('sha256');
  let written = 0n;
  let told = '';
  const source = { case: 'code', value: writing(name) } as const;
  for await (const { body } of client.execute({ where: { case: 'fresh', value: {} }, source })) {
    if (body.case === 'output') {
      expect(body.value.offset).toBe(written);
      written += BigInt(body.value.data.length);
      hash.update(body.value.data);
    } else if (body.case === 'result') told = body.value.text;
  }
  expect(written).toBe(BigInt(mebibytes) << 20n);
  return [`'${hash.digest('hex')}'`, told];
}

/** Takes some mebibytes and leaves in the middle. */
async function leave(client: ReturnType<typeof createExecuteClient>, name: string): Promise<void> {
  let read = 0;
  const source = { case: 'code', value: writing(name) } as const;
  for await (const { body } of client.execute({ where: { case: 'fresh', value: {} }, source })) {
    if (body.case === 'output') read += body.value.data.length;
    if (read > 5 << 20) return;
  }
  throw new Error('there was nothing to leave');
}

test('callers who read at once, on one connection and on others, while some leave, get what their code wrote', {
  timeout: 60_000,
}, async () => {
  const [one, other] = [createExecuteClient(gateway), createExecuteClient(gateway)];
  const leaving = [leave(one, 'x'), leave(other, 'y'), leave(other, 'z')];
  const digests = await Promise.all([read(one, 'a'), read(one, 'b'), read(other, 'c')]);
  await Promise.all(leaving);
  for (const [reckoned, told] of digests) expect(reckoned).toBe(told);
  const [again, told] = await read(one, 'd');
  expect(again).toBe(told);
});
