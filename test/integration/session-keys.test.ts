/** Making a session when things go wrong on the way: callers who leave, workers that die, specs that differ. */
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SessionOrigin, SessionState } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { ErrorInfoSchema } from '../../src/gen/es/google/rpc/error_details_pb.ts';
import { createExecuteClient } from '../support/execute-client.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';
import { listWorkers, workerOf } from '../support/workers.ts';
import { createTestFolder, sharedAdminFolder } from './setup/test-home.ts';

let gateway: TestGateway;
let folder: Awaited<ReturnType<typeof createTestFolder>>;
let venv: string;
let client: ReturnType<typeof createExecuteClient>;

beforeAll(async () => {
  folder = await createTestFolder();
  venv = join(folder.path, 'venv');
  execFileSync(join(sharedAdminFolder(), 'bin', 'python'), ['-m', 'venv', '--without-pip', venv]);
  gateway = await startGateway({ tokens: ['ann'] });
  client = createExecuteClient(gateway, 'default');
});
afterAll(async () => {
  await gateway?.stop();
  await folder?.[Symbol.asyncDispose]();
});

async function reasonOf(call: Promise<unknown>): Promise<string | undefined> {
  return await call.then(
    () => 'it was not refused',
    (error) => ConnectError.from(error).findDetails(ErrorInfoSchema)[0]?.reason,
  );
}

/** A module whose import says that it has begun, and goes on when it may. */
function slowModule(name: string) {
  const [version] = readdirSync(join(venv, 'lib')) as [string];
  const [begun, go] = ['begun', 'go'].map((what) => join(folder.path, `${name}-${what}`)) as [string, string];
  const lines = [
    'import os, time',
    `open(${JSON.stringify(begun)}, "w").close()`,
    `while not os.path.exists(${JSON.stringify(go)}): time.sleep(0.002)`,
  ];
  writeFileSync(join(venv, 'lib', version, 'site-packages', `${name}.py`), lines.join('\n'));
  return {
    isBeingImported: () => until('its import has begun', () => readdirSync(folder.path).includes(`${name}-begun`)),
    goOn: () => writeFileSync(go, ''),
  };
}

const labelled = async (name: string) => (await client.listSessions({ labels: { name } })).sessions;

test('a caller who leaves before the session is there leaves none behind', async () => {
  const slow = slowModule('slow_alone');
  const leave = new AbortController();
  const spec = { venv, preload: ['slow_alone'], labels: { name: 'alone' } };
  const left = client.createSession({ spec }, { signal: leave.signal }).catch(ConnectError.from);
  await slow.isBeingImported();
  expect(await labelled('alone')).toMatchObject([{ state: SessionState.STARTING }]);
  leave.abort();
  await left;
  await labelled('alone'); // on the same connection: when this is answered, the gateway has heard that the caller left
  slow.goOn();
  await until('it is closed', async () => (await labelled('alone')).length === 0);
});

test('with a key the session waits for the retry, which may come before it is there', async () => {
  const slow = slowModule('slow_keyed');
  const leave = new AbortController();
  const spec = { venv, preload: ['slow_keyed'], labels: { name: 'keyed' } };
  const idempotencyKey = 'patience';
  const left = client.createSession({ spec, idempotencyKey }, { signal: leave.signal }).catch(ConnectError.from);
  await slow.isBeingImported();
  leave.abort();
  await left;
  const retry = client.createSession({ spec, idempotencyKey });
  expect(await reasonOf(client.createSession({ spec: {}, idempotencyKey }))).toBe('IDEMPOTENCY_KEY_REUSED');
  slow.goOn();
  const session = await retry;
  expect(session).toMatchObject({ origin: SessionOrigin.EXISTING, state: SessionState.IDLE });
  expect((await labelled('keyed')).map(({ id }) => id)).toEqual([session.id]);
  await client.closeSession({ sessionId: session.id });
});

test('a key whose session was lost with its worker makes a new one', async () => {
  const idempotencyKey = 'lost';
  const first = await client.createSession({ idempotencyKey });
  const { id, pid } = await workerOf(gateway, first.id);
  process.kill(pid, 'SIGKILL');
  await until('another worker is there', async () =>
    (await listWorkers(gateway)).every((worker) => worker.id !== id && worker.state === 'WORKER_STATE_READY'),
  );
  const second = await client.createSession({ idempotencyKey });
  expect(second).toMatchObject({ origin: SessionOrigin.FORKED, generation: 1 });
  expect(second.id).not.toBe(first.id);
  expect(await client.createSession({ idempotencyKey })).toMatchObject({ id: second.id });
  await client.closeSession({ sessionId: second.id });
});

test('no id stands for the default session, once there is one', async () => {
  const ann = createExecuteClient(gateway, 'ann');
  for (const method of ['getSession', 'renewSession', 'restartSession', 'closeSession'] as const) {
    expect(await reasonOf(ann[method]({}))).toBe('SESSION_NOT_FOUND');
  }
  const { sessionId: id } = await ann.run({ source: { case: 'code', value: 'x = 1' } });
  expect(await ann.getSession({})).toMatchObject({ id, generation: 1 });
  expect(await ann.renewSession({ idleTimeout: { seconds: 60n } })).toMatchObject({ id });
  expect(await ann.restartSession({})).toMatchObject({ id, generation: 2 });
  const code = { case: 'code', value: '"x" in globals()' } as const;
  expect(await ann.run({ source: code })).toMatchObject({ sessionId: id, text: 'False' });
  expect(await ann.closeSession({})).toMatchObject({ id, state: SessionState.CLOSED });
  expect(await reasonOf(ann.getSession({}))).toBe('SESSION_NOT_FOUND');
  expect(await ann.run({ source: code })).toMatchObject({ sessionId: id, finished: { generation: 3 } });
});
