/** Scenarios: keys, renewal, restarts and lists of sessions. */
import { expect } from 'vitest';
import { until } from '../support/until.ts';
import type { SessionState } from './client.ts';
import { follow } from './follow.ts';
import { expectRefused } from './refused.ts';
import type { Scenarios } from './stage.ts';

const closed = { reason: 'SESSION_CLOSED', code: 9, http: 410 };

/** The scenarios. */
export const lives: Scenarios = {
  'the same key gives the same session, also to many callers at once': async (stage) => {
    const { client, as, newId } = stage;
    const key = newId();
    const spec = { labels: { a: '1', b: '2' }, env: { X: 'x', Y: 'y' } };
    const first = await Promise.all(Array.from({ length: 5 }, () => client.createSession(spec, key)));
    const ids = new Set(first.map(({ id }) => id));
    expect(ids.size).toBe(1);
    expect(first.map(({ origin }) => origin).toSorted()).toEqual([...Array(4).fill('EXISTING'), 'FORKED']);
    const again = { env: { Y: 'y', X: 'x' }, labels: { b: '2', a: '1' } };
    const [{ id }] = first as [SessionState];
    expect(await client.createSession(again, key)).toMatchObject({ id, origin: 'EXISTING', generation: 1 });
    expect((await client.getSession(id)).origin).toBe('FORKED');

    const reused = { reason: 'IDEMPOTENCY_KEY_REUSED', code: 6, http: 409 };
    await expectRefused(stage, client.createSession({ labels: { a: '1' } }, key), reused);
    const hers = await as('ann').createSession({}, key);
    expect(hers.id).not.toBe(id);
    await as('ann').closeSession(hers.id);

    await client.closeSession(id);
    const next = await client.createSession({ labels: { a: '1' } }, key);
    expect(next).toMatchObject({ generation: 1, origin: 'FORKED' });
    expect(next.id).not.toBe(id);
    await client.closeSession(next.id);
  },

  'a key whose session could not be started is free': async (stage) => {
    const { client, newId } = stage;
    const key = newId();
    const failed = { reason: 'START_FAILED', code: 14, http: 503 };
    const attempts = [1, 2].map(() => client.createSession({ preload: ['no_such_module'] }, key));
    for (const attempt of attempts) {
      expect((await expectRefused(stage, attempt, failed)).message).toContain('no_such_module');
    }
    const session = await client.createSession({}, key);
    expect(session.origin).toBe('FORKED');
    await client.closeSession(session.id);
  },

  'a renewal moves the expiry, and looking does not': async (stage) => {
    const { client, session } = stage;
    await using own = await session({ idleTimeoutSeconds: 600 });
    expect((await client.getSession(own.id)).expiresAt).toBe(own.expiresAt);
    const [listed] = (await client.listSessions()).filter(({ id }) => id === own.id);
    expect(listed?.expiresAt).toBe(own.expiresAt);
    await until('time has passed', () => Date.now() > own.expiresAt - 600_000 + 2);
    const renewed = await client.renewSession(own.id);
    expect(renewed.expiresAt).toBeGreaterThan(own.expiresAt);
    const shorter = await client.renewSession(own.id, 60);
    expect(shorter.expiresAt).toBeLessThan(renewed.expiresAt - 500_000);
    await client.run({ sessionId: own.id, code: '1' });
    const used = await client.getSession(own.id);
    expect(used.expiresAt).toBeGreaterThan(shorter.expiresAt);
    expect(used.expiresAt).toBeLessThan(shorter.expiresAt + 60_000);
  },

  'a session that is only looked at ends when its idle timeout is over': async ({ client }) => {
    const own = await client.createSession({ idleTimeoutSeconds: 0.3 });
    const { executionId } = await client.run({ sessionId: own.id, code: '1' });
    await until('it has ended', async () => {
      await client.listSessions();
      await follow(client.watch(executionId, 1)).all;
      return (await client.getSession(own.id)).state === 'CLOSED';
    });
    expect((await client.getSession(own.id)).closeReason).toBe('IDLE_TIMEOUT');
  },

  'a renewal of a session that has ended, or of nobody, is refused': async (stage) => {
    const { client, newId, isPlain } = stage;
    if (isPlain) return; // there is no plain route for it
    const own = await client.createSession();
    await client.closeSession(own.id);
    await expectRefused(stage, client.renewSession(own.id), closed);
    await expectRefused(stage, client.renewSession(newId()), { reason: 'SESSION_NOT_FOUND', code: 5, http: 404 });
  },

  'a restart gives a fresh interpreter under the same id': async (stage) => {
    const { client, session } = stage;
    await using own = await session();
    await client.run({ sessionId: own.id, code: 'x = 1' });
    const restarted = await client.restartSession(own.id);
    expect(restarted).toMatchObject({ id: own.id, generation: 2, state: 'IDLE', origin: 'FORKED' });
    expect(restarted.pid).not.toBe(own.pid);
    const look = await client.run({ sessionId: own.id, code: '"x" in globals()' });
    expect(look).toMatchObject({ value: { text: 'false' }, generation: 2 });
  },

  'a restart kills what runs and cancels what waits, and those that come meanwhile join it': async (stage) => {
    const { client, session } = stage;
    await using own = await session();
    const running = follow(client.execute({ sessionId: own.id, code: 'print("up")\nwhile True: pass' }));
    await running.first('stdout');
    const waiting = follow(client.execute({ sessionId: own.id, code: '1' }));
    await waiting.first('accepted');
    const answers = await Promise.all([1, 2, 3].map(() => client.restartSession(own.id)));
    // One that comes after the end of another is a restart of its own: each generation has one interpreter.
    const interpreters = new Set(answers.map(({ generation, pid }) => `${generation} ${pid}`));
    const generations = new Set(answers.map(({ generation }) => generation));
    expect(interpreters.size).toBe(generations.size);
    expect([...generations].toSorted()).toEqual(Array.from(generations, (_, index) => index + 2));
    expect((await running.all).at(-1)).toMatchObject({
      outcome: 'CANCELLED',
      stoppedBy: 'KILL',
      statePreserved: false,
      generation: 2,
      message: 'the session was restarted',
    });
    expect((await waiting.all).map(({ type }) => type)).toEqual(['accepted', 'finished']);
    expect((await waiting.all).at(-1)).toMatchObject({
      outcome: 'CANCELLED',
      statePreserved: false,
      generation: 2,
      message: 'the state it counted on was lost before it started',
    });
    const generation = 1 + generations.size;
    expect(await client.run({ sessionId: own.id, code: '2' })).toMatchObject({ outcome: 'OK', generation });
  },

  'a restart of what has ended, or of nobody, is refused': async (stage) => {
    const { client, newId } = stage;
    const own = await client.createSession();
    await client.closeSession(own.id);
    await expectRefused(stage, client.restartSession(own.id), closed);
    await expectRefused(stage, client.restartSession(newId()), { reason: 'SESSION_NOT_FOUND', code: 5, http: 404 });
  },

  'sessions are listed newest first, page by page, while others come and go': async (stage) => {
    const { client, session, newId } = stage;
    const mark = newId();
    const open = (more: Record<string, string> = {}) => session({ labels: { mark, ...more } });
    await using first = await open({ job: 'x=1' });
    await using second = await open();
    await using third = await open();
    const ids = ({ sessions }: { sessions: SessionState[] }) => sessions.map(({ id }) => id);
    const page = await client.sessionsPage({ labels: { mark }, pageSize: 2 });
    expect(ids(page)).toEqual([third.id, second.id]);
    await using _fourth = await open();
    const gone = await client.createSession({ labels: { mark } });
    await client.closeSession(gone.id);
    const rest = await client.sessionsPage({ labels: { mark }, pageSize: 2, pageToken: page.nextPageToken });
    expect(ids(rest)).toEqual([first.id]);
    expect(rest.nextPageToken).toBe('');
    expect(ids(await client.sessionsPage({ labels: { mark, job: 'x=1' } }))).toEqual([first.id]);
    expect(ids(await client.sessionsPage({ labels: { mark }, venv: 'default' }))).toHaveLength(4);
    expect(ids(await client.sessionsPage({ labels: { mark }, venv: 'nobody' }))).toEqual([]);
    expect(ids(await client.sessionsPage({ labels: { mark }, includeClosed: true }))).toContain(gone.id);
  },

  'a page token of another list, of another principal or of nobody is refused': async (stage) => {
    const { client, as, session } = stage;
    await using _one = await session();
    await using _two = await session();
    const { nextPageToken } = await client.sessionsPage({ pageSize: 1 });
    expect(nextPageToken).toMatch(/^[\w-]+$/);
    const invalid = { reason: 'INVALID_ARGUMENT', code: 3, http: 400 };
    const cut = nextPageToken.slice(0, -2);
    const other = `${nextPageToken[0] === 'A' ? 'B' : 'A'}${nextPageToken.slice(1)}`;
    for (const pageToken of [cut, other, 'x', '0000000001.x', '%%', `${nextPageToken}AAAA`]) {
      await expectRefused(stage, client.sessionsPage({ pageToken }), invalid);
    }
    await expectRefused(stage, client.sessionsPage({ pageToken: nextPageToken, includeClosed: true }), invalid);
    await expectRefused(stage, as('ann').sessionsPage({ pageToken: nextPageToken }), invalid);
    if (!stage.isPlain) await expectRefused(stage, client.executionsPage({ pageToken: nextPageToken }), invalid);
    await expectRefused(stage, client.sessionsPage({ pageSize: 1001 }), invalid);
  },

  'executions are listed newest first, page by page, and nobody sees those of others': async ({ as, newId, gate }) => {
    const client = as('lister');
    const [one, other] = [await client.createSession(), await client.createSession()];
    const ids = async (query: Parameters<typeof client.executionsPage>[0]) =>
      (await client.executionsPage(query)).executions.map(({ executionId }) => executionId);
    const named = Array.from({ length: 3 }, newId);
    for (const executionId of named) await client.run({ sessionId: one.id, executionId, code: '"secret"' });
    const [go, running] = [gate(), newId()];
    const endless = follow(
      client.execute({ sessionId: other.id, executionId: running, code: `print("up")\n${go.wait}` }),
    );
    await endless.first('stdout');
    const newestFirst = [running, ...named.toReversed()];
    expect((await ids({})).slice(0, 4)).toEqual(newestFirst);
    expect(await ids({ sessionId: one.id })).toEqual(named.toReversed());
    expect(await ids({ sessionId: other.id, states: ['FINISHED'] })).toEqual([]);
    expect(await ids({ sessionId: other.id, states: ['QUEUED', 'RUNNING'] })).toEqual([running]);
    const page = await client.executionsPage({ sessionId: one.id, pageSize: 2 });
    expect(page.executions).toMatchObject([
      { executionId: named[2], sessionId: one.id, state: 'FINISHED' },
      { executionId: named[1], sessionId: one.id, state: 'FINISHED' },
    ]);
    expect(page.executions.map(({ result }) => result)).toEqual([undefined, undefined]);
    await client.run({ sessionId: one.id, code: '4' });
    expect(await ids({ sessionId: one.id, pageSize: 2, pageToken: page.nextPageToken })).toEqual([named[0]]);
    expect((await as('bob').executionsPage({ sessionId: one.id })).executions).toEqual([]);
    go.open();
    await endless.all;
    await Promise.all([one, other].map(({ id }) => client.closeSession(id)));
    expect(await ids({ sessionId: one.id }), 'their logs are kept').toHaveLength(4);
  },
};
