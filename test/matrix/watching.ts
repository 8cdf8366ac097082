/** Scenarios: an execution looked at by its id. */
import { expect } from 'vitest';
import { collect, expectWellFormed, follow, output } from './follow.ts';
import { expectRefused } from './refused.ts';
import type { Scenarios } from './stage.ts';

/** The scenarios. */
export const watching: Scenarios = {
  'events can be watched from the first one on while the code runs': async ({ client, gate, newId }) => {
    const executionId = newId();
    const go = gate();
    const own = follow(client.execute({ fresh: true, executionId, code: `print("past")\n${go.wait}print("live")\n7` }));
    await own.first('stdout');
    const watching = follow(client.watch(executionId, 1));
    expect(String((await watching.first('stdout')).data)).toBe('past\n');
    go.open();
    const [events, watched] = [await own.all, await watching.all];
    expectWellFormed(watched);
    expect(watched).toEqual(events);
    expect(String(output(watched, 'stdout'))).toBe('past\nlive\n');
  },

  'events can be watched from the middle, and again after the end': async ({ client, newId }) => {
    const executionId = newId();
    const code = 'import sys\nfor i in range(5): print(i, file=[sys.stdout, sys.stderr][i % 2])\n1/0';
    const events = await collect(client.execute({ fresh: true, executionId, code }));
    expect(events.length).toBeGreaterThan(8);
    for (const from of [1, 2, 5, events.length]) {
      const watched = await collect(client.watch(executionId, from));
      expectWellFormed(watched, from);
      expect(watched).toEqual(events.slice(from - 1));
    }
    expect(await collect(client.watch(executionId, events.length + 1)), 'beyond the end').toEqual([]);
  },

  'the collected answer and the events say the same': async ({ client, newId, session }) => {
    await using own = await session();
    const executionId = newId();
    const code = 'import sys\nprint("out")\nprint("err", file=sys.stderr)\n[1, 2.0]';
    const result = await client.run({ sessionId: own.id, executionId, code });
    const events = await collect(client.watch(executionId, 1));
    expectWellFormed(events);
    expect(result).toMatchObject({ executionId, sessionId: own.id, lastSeq: events.length });
    expect(String(output(events, 'stdout'))).toBe(result.stdout);
    expect(String(output(events, 'stderr'))).toBe(result.stderr);
    expect(events.find(({ type }) => type === 'result')).toMatchObject({ value: result.value, text: result.text });
    expect(result).toMatchObject(withoutPlace(events.at(-1) as object));
    expect(await client.get(executionId)).toMatchObject({
      state: 'FINISHED',
      executionId,
      sessionId: own.id,
      nextSeq: events.length + 1,
      result,
    });
  },

  'one can ask where an execution stands, and wait for its end': async ({ client, gate, newId, session }) => {
    await using own = await session();
    const [first, second] = [newId(), newId()];
    const go = gate();
    const running = follow(client.execute({ sessionId: own.id, executionId: first, code: `print(1)\n${go.wait}` }));
    await running.first('stdout');
    const waiting = follow(client.execute({ sessionId: own.id, executionId: second, code: '"done"' }));
    await waiting.first('accepted');
    expect(await client.get(first)).toMatchObject({ state: 'RUNNING', result: undefined, sessionId: own.id });
    expect(await client.get(second), 'no longer than asked').toMatchObject({ state: 'QUEUED' });
    expect(await client.get(second, 0.05)).toMatchObject({ state: 'QUEUED', result: undefined });
    const ended = client.get(second, 20);
    go.open();
    expect(await ended).toMatchObject({ state: 'FINISHED', result: { outcome: 'OK', value: { text: '"done"' } } });
    await Promise.all([running.all, waiting.all]);
  },

  'an execution that nobody knows is not found': async (stage) => {
    const { client, newId } = stage;
    const expected = { reason: 'EXECUTION_NOT_FOUND', code: 5, http: 404 };
    await expectRefused(stage, client.get(newId()), expected);
    await expectRefused(stage, collect(client.watch(newId(), 1)), expected);
  },

  'what another principal runs looks as if it were not there': async (stage) => {
    const { client, as, newId, session } = stage;
    await using own = await session();
    const executionId = newId();
    await client.run({ sessionId: own.id, executionId, code: 'secret = 1' });
    const missing = { reason: 'EXECUTION_NOT_FOUND', code: 5, http: 404 };
    await expectRefused(stage, as('ann').get(executionId), missing);
    await expectRefused(stage, collect(as('ann').watch(executionId, 1)), missing);
    const noSession = { reason: 'SESSION_NOT_FOUND', code: 5, http: 404 };
    await expectRefused(stage, as('ann').run({ sessionId: own.id, code: 'secret' }), noSession);
    await expectRefused(stage, as('ann').getSession(own.id), noSession);
    await expectRefused(stage, as('ann').closeSession(own.id), noSession);
    await expectRefused(stage, as('ann').interrupt({ sessionId: own.id }), noSession);
    const nothing = { reason: 'NOTHING_RUNNING', code: 9, http: 409 };
    await expectRefused(stage, as('ann').interrupt({ executionId }), nothing);
    expect((await as('ann').listSessions()).map(({ id }) => id)).not.toContain(own.id);
    // The id is the principal's: the other one may use it too.
    expect(await as('ann').run({ executionId, fresh: true, code: '2' })).toMatchObject({ value: { text: '2' } });
  },

  'a retry of an execution id joins what it began, and nothing runs twice': async ({
    client,
    gate,
    newId,
    session,
  }) => {
    await using own = await session();
    const [go, up] = [gate(), gate()];
    await client.run({ sessionId: own.id, code: 'runs = 0' });
    const request = {
      sessionId: own.id,
      executionId: newId(),
      code: `runs += 1\n${up.pass}${go.wait}print("once")\nruns`,
    };
    const first = client.run(request);
    await up.isOpen();
    const joined = follow(client.execute(request));
    await joined.first('started');
    go.open();
    const result = await first;
    expect(result).toMatchObject({ outcome: 'OK', value: { text: '1' }, stdout: 'once\n' });
    expectWellFormed(await joined.all);
    expect(await client.run(request), 'after the end too').toEqual(result);
    expect(await client.run({ sessionId: own.id, code: 'runs' })).toMatchObject({ value: { text: '1' } });
  },

  'a retry finds the answer after the end of its session': async ({ client, newId }) => {
    const own = await client.createSession();
    const request = { sessionId: own.id, executionId: newId(), code: '"kept"' };
    const result = await client.run(request);
    await client.closeSession(own.id);
    expect(await client.run(request)).toEqual(result);
    const fresh = { fresh: true, executionId: newId(), code: '"fresh"' };
    const before = await client.run(fresh);
    expect(await client.run(fresh)).toEqual(before);
  },

  'an execution id never means two things': async (stage) => {
    const { client, newId, session } = stage;
    await using own = await session();
    const executionId = newId();
    await client.run({ sessionId: own.id, executionId, code: '1' });
    const expected = { reason: 'EXECUTION_ID_REUSED', code: 6, http: 409 };
    await expectRefused(stage, client.run({ sessionId: own.id, executionId, code: '2' }), expected);
    await expectRefused(stage, collect(client.execute({ sessionId: own.id, executionId, code: '3' })), expected);
  },
};

function withoutPlace(event: object): object {
  const { seq: _, type: __, ...rest } = event as { seq: number; type: string };
  return rest;
}
