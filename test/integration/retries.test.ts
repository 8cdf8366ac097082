/** A retry joins the execution that it began, however its client writes the request down this time. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect, follow } from '../matrix/follow.ts';
import { type TransportName, transports } from '../matrix/transports.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const names = Object.keys(transports) as TransportName[];

test.each(names)('%s: the entries of maps may come in another order', async (name) => {
  const client = transports[name]({ ...gateway, token: gateway.token() });
  const session = await client.createSession();
  const request = {
    sessionId: session.id,
    executionId: randomUUID(),
    code: 'import os\ncount = globals().get("count", 0) + 1\n(count, os.environ["A"])',
  };
  const first = await client.run({ ...request, env: { A: '1', B: '2', C: '3' } });
  expect(first).toMatchObject({ outcome: 'OK', text: "(1, '1')" });
  const again = { ...request, env: { C: '3', A: '1', B: '2' } };
  expect(await client.run(again)).toMatchObject({ outcome: 'OK', text: "(1, '1')", lastSeq: first.lastSeq });
  expect((await collect(client.execute(again))).at(-1)).toMatchObject({ type: 'finished', seq: first.lastSeq });
  const other = { ...request, env: { C: '3', A: '1', B: '4' } };
  await expect(client.run(other)).rejects.toMatchObject({ reason: 'EXECUTION_ID_REUSED' });
  await client.closeSession(session.id);
  expect(await client.run(again)).toMatchObject({ outcome: 'OK', lastSeq: first.lastSeq });
  client.close();
});

test('two callers with the same request in two orders share one running execution', async () => {
  const client = transports['native gRPC']({ ...gateway, token: gateway.token() });
  const session = await client.createSession();
  const request = { sessionId: session.id, executionId: randomUUID(), code: 'print("up")\nwhile True: pass' };
  const one = follow(client.execute({ ...request, env: { A: '1', B: '2' } }));
  await one.first('stdout');
  const other = follow(client.execute({ ...request, env: { B: '2', A: '1' } }));
  await other.first('stdout');
  await client.interrupt({ sessionId: session.id });
  expect(await other.all).toEqual(await one.all);
  await client.closeSession(session.id);
  client.close();
});

test('keyword arguments in another order are the same call', async () => {
  const client = transports['native gRPC']({ ...gateway, token: gateway.token() });
  const request = { fresh: true, executionId: randomUUID(), function: 'builtins:dict' };
  const first = await client.run({ ...request, kwargs: { a: 1, b: 2 } });
  expect(first.outcome).toBe('OK');
  expect(await client.run({ ...request, kwargs: { b: 2, a: 1 } })).toMatchObject({ lastSeq: first.lastSeq });
  client.close();
});
