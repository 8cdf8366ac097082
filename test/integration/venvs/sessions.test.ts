/** Sessions and the environments that they run in: what runs keeps what it has, what is new gets what is new. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@connectrpc/connect';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExecuteService } from '../../../src/gen/es/beep/python/v1/execute_pb.ts';
import { HostService } from '../../../src/gen/es/beep/python/v1/host_pb.ts';
import { createExecuteClient } from '../../support/execute-client.ts';
import { processesMarked, stillRunning } from '../../support/processes.ts';
import { until } from '../../support/until.ts';
import { connectTo, told } from '../../support/venv-client.ts';
import { startVenvGateway, type VenvGateway } from '../../support/venv-gateway.ts';

let own: VenvGateway;
let sessions: ReturnType<typeof createExecuteClient>;
beforeAll(async () => {
  own = await startVenvGateway({ tokens: ['other'], flags: ['--kept-generations', '0', '--workers', '2'] });
  sessions = createExecuteClient(own.gateway);
});
afterAll(() => own?.[Symbol.asyncDispose]());

async function valueIn(code: string, sessionId: string): Promise<string> {
  const { text } = await sessions.run({
    where: { case: 'sessionId', value: sessionId },
    source: { case: 'code', value: code },
  });
  return text;
}

async function inFresh(venv: string, code: string): Promise<string> {
  const { text } = await sessions.run({
    where: { case: 'fresh', value: { venv } },
    source: { case: 'code', value: code },
  });
  return text;
}

const versionOfLeaf = "__import__('leaf').__version__";

test('a running session keeps its generation, a new one gets the next, and the old one goes with the session', async () => {
  const name = 'kept';
  await told(own.venvs.createVenv({ name, spec: { packages: ['leaf==1.0'] } }));
  const { id } = await sessions.createSession({ spec: { venv: name } });
  expect((await own.venvs.getVenv({ name })).sessions).toBe(1);
  await told(own.venvs.installPackages({ name, packages: ['leaf==1.1'] }));
  expect(await valueIn(versionOfLeaf, id)).toBe("'1.0'");
  expect(await inFresh(name, versionOfLeaf)).toBe("'1.1'");
  const former = join(own.folder(name), 'gen-0001');
  expect(existsSync(former)).toBe(true);
  const restarted = await sessions.restartSession({ sessionId: id });
  expect(restarted.generation).toBe(2);
  expect(await valueIn(versionOfLeaf, id)).toBe("'1.0'");
  await sessions.closeSession({ sessionId: id });
  await until('the former generation is gone', () => !existsSync(former));
  const { history, sessions: left } = await own.venvs.getVenv({ name });
  expect(history.map(({ kept }) => kept)).toEqual([false, true]);
  expect(left).toBe(0);
});

test('templates of former generations end, and the default environment has one for the new at once', async () => {
  const host = createClient(HostService, connectTo(own.gateway));
  const templates = async () => {
    const { workers } = await host.listWorkers({});
    const all = workers.flatMap((worker) => worker.templates);
    return all.filter(({ venv }) => venv === 'default').map(({ pid }) => pid);
  };
  await inFresh('default', '1');
  const before = await templates();
  expect(before.length).toBeGreaterThan(0);
  await told(own.venvs.installPackages({ packages: ['stone'] }));
  await until('the former templates have ended', async () => (await templates()).every((pid) => !before.includes(pid)));
  await until('there is a new one', async () => (await templates()).length > 0);
  expect(await inFresh('default', "__import__('stone').__version__")).toBe("'3.0'");
});

test('an environment made anew under an old name has nothing of the one before', async () => {
  const name = 'again';
  for (const version of ['1.0', '1.1']) {
    await told(own.venvs.createVenv({ name, spec: { packages: [`leaf==${version}`] } }));
    expect(await inFresh(name, versionOfLeaf)).toBe(`'${version}'`);
    await until('its session has gone', async () => (await own.venvs.getVenv({ name })).sessions === 0);
    await own.venvs.deleteVenv({ name });
    await expect(inFresh(name, '1')).rejects.toThrow('no such environment');
  }
});

test('an environment in use is not deleted, and its caller learns by which of his sessions', async () => {
  const name = 'used';
  await told(own.venvs.createVenv({ name }));
  const mine = await sessions.createSession({ spec: { venv: name } });
  const theirs = createClient(ExecuteService, connectTo(own.gateway, 'other'));
  const foreign = await theirs.createSession({ spec: { venv: name } });
  const refusal = await own.venvs.deleteVenv({ name }).catch((error) => error as Error);
  expect(String(refusal)).toContain(`environment is in use: "used", by sessions "${mine.id}" and 1 of other callers`);
  expect(String(refusal)).not.toContain(foreign.id);
  expect(await valueIn('1 + 1', mine.id)).toBe('2');
  await own.venvs.deleteVenv({ name, force: true });
  const closeMessage = 'its environment "used" was deleted';
  await expect(valueIn('1', mine.id)).rejects.toThrow(closeMessage);
  await expect(theirs.getSession({ sessionId: foreign.id })).resolves.toMatchObject({ closeMessage });
});

test("sessions are not for the gateway's own environment", async () => {
  await expect(inFresh('admin', '1')).rejects.toThrow('environment is protected: "admin"');
  await expect(sessions.createSession({ spec: { venv: 'admin' } })).rejects.toThrow(
    'environment is protected: "admin"',
  );
});

test('a session is told by the environment when it was used last', async () => {
  await told(own.venvs.createVenv({ name: 'clock' }));
  expect((await own.venvs.getVenv({ name: 'clock' })).usedAt).toBeUndefined();
  await inFresh('clock', '1');
  await until('it is noted', async () => (await own.venvs.getVenv({ name: 'clock' })).usedAt !== undefined);
});

test('whoever watches the host hears of changes', async () => {
  const host = createClient(HostService, connectTo(own.gateway));
  const stop = new AbortController();
  const heard: string[] = [];
  const { promise: hasBegun, resolve: begun } = Promise.withResolvers<void>();
  const watching = (async () => {
    for await (const { kind, subject, attributes } of host.watchHost({}, { signal: stop.signal })) {
      if (kind === 'watch.begun') begun();
      if (kind.startsWith('venv.')) heard.push(`${kind} ${subject} ${attributes['generation']}`);
    }
  })().catch(() => {});
  await hasBegun;
  await told(own.venvs.createVenv({ name: 'watched' }));
  await own.venvs.deleteVenv({ name: 'watched' });
  await until('both were told', () => heard.length === 2);
  expect(heard).toEqual(['venv.changed watched 1', 'venv.deleted watched 0']);
  stop.abort();
  await watching;
});

test('no process of an environment outlives its deletion', async () => {
  const name = 'ended';
  await told(own.venvs.createVenv({ name }));
  await sessions.createSession({ spec: { venv: name } });
  const marked = processesMarked(own.folder(name));
  expect(marked).not.toHaveLength(0);
  await own.venvs.deleteVenv({ name, force: true });
  await until('all have ended', () => stillRunning(marked).length === 0);
});
