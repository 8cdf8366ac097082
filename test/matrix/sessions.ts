/** Scenarios: sessions, and whose they are. */
import { expect } from 'vitest';
import { until } from '../support/until.ts';
import { follow } from './follow.ts';
import { expectRefused } from './refused.ts';
import type { Scenarios } from './stage.ts';

/** The scenarios. */
export const sessions: Scenarios = {
  'a session is created, looked at, listed and closed': async (stage) => {
    const { client } = stage;
    const created = await client.createSession({ env: { COLOUR: 'blue' } });
    expect(created).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      generation: 1,
      state: 'IDLE',
      origin: 'FORKED',
      venv: 'default',
      closeReason: null,
    });
    expect(created.pid).toBeGreaterThan(0);
    expect(created.expiresAt).toBeGreaterThan(Date.now() + 29 * 60_000);
    expect(await client.getSession(created.id)).toMatchObject({ id: created.id, pid: created.pid });
    expect((await client.listSessions()).map(({ id }) => id)).toContain(created.id);
    const code = 'import os\nos.environ["COLOUR"], os.getpid()';
    expect((await client.run({ sessionId: created.id, code })).value?.text).toBe(`{"$tuple":["blue",${created.pid}]}`);
    expect(await client.closeSession(created.id)).toMatchObject({ state: 'CLOSED', closeReason: 'RELEASED' });
    expect(await client.getSession(created.id)).toMatchObject({ state: 'CLOSED', closeReason: 'RELEASED' });
    expect((await client.listSessions()).map(({ id }) => id)).not.toContain(created.id);
    const gone = { reason: 'SESSION_CLOSED', code: 9, http: 410 };
    await expectRefused(stage, client.run({ sessionId: created.id, code: '1' }), gone);
    await expectRefused(stage, client.closeSession(created.id), gone);
  },

  'a session that nobody knows is not found': async (stage) => {
    const { client, newId } = stage;
    const expected = { reason: 'SESSION_NOT_FOUND', code: 5, http: 404 };
    await expectRefused(stage, client.run({ sessionId: newId(), code: '1' }), expected);
    await expectRefused(stage, follow(client.execute({ sessionId: newId(), code: '1' })).all, expected);
    await expectRefused(stage, client.getSession(newId()), expected);
    await expectRefused(stage, client.closeSession(newId()), expected);
    await expectRefused(stage, client.interrupt({ sessionId: newId() }), expected);
  },

  'variables, modules and functions live on from one execution to the next': async ({ client, session }) => {
    await using own = await session();
    const run = (code: string) => client.run({ sessionId: own.id, code });
    await run('import math\ndef area(r): return math.pi * r ** 2\nr = 2');
    expect(await run('round(area(r), 3)')).toMatchObject({ value: { text: '12.566' } });
    expect(await run('_ + 1')).toMatchObject({ value: { text: '13.566' } });
  },

  'closing a session ends what runs in it': async ({ client }) => {
    const own = await client.createSession();
    const reading = follow(client.execute({ sessionId: own.id, code: 'print("up")\nwhile True: pass' }));
    await reading.first('stdout');
    expect(await client.closeSession(own.id)).toMatchObject({ state: 'CLOSED' });
    expect((await reading.all).at(-1)).toMatchObject({ outcome: 'CANCELLED', statePreserved: false });
  },

  'fresh sessions share nothing': async ({ client }) => {
    const code =
      'import builtins, os, sys\nsys.marker = builtins.marker = x = 1\nopen("file", "w").close()\nos.getpid()';
    const look =
      'import builtins, os, sys\n[hasattr(sys, "marker"), hasattr(builtins, "marker"), "x" in dir(), os.listdir()]';
    const [first, second] = await Promise.all([client.run({ fresh: true, code }), client.run({ fresh: true, code })]);
    expect(first?.value?.text).not.toBe(second?.value?.text);
    expect(first.sessionId).not.toBe(second.sessionId);
    expect(await client.run({ fresh: true, code: look })).toMatchObject({ value: { text: '[false,false,false,[]]' } });
    await until('the sessions are closed', async () => {
      const open = (await client.listSessions()).map(({ id }) => id);
      return !open.includes(first.sessionId) && !open.includes(second.sessionId);
    });
  },

  'a principal has one default session, also when many calls come first at once': async ({ as }) => {
    const client = as('concurrent');
    expect(await client.listSessions()).toEqual([]);
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        client.run({ code: `numbers = globals().get("numbers", [])\nnumbers.append(${i})` }),
      ),
    );
    expect(new Set(results.map(({ sessionId }) => sessionId)).size).toBe(1);
    const [{ sessionId }] = results as [(typeof results)[number]];
    expect((await client.listSessions()).map(({ id }) => id)).toEqual([sessionId]);
    const numbers = await client.run({ code: 'sorted(numbers)' });
    expect(numbers).toMatchObject({ sessionId, value: { text: '[0,1,2,3,4,5,6,7,8,9,10,11]' } });
    const other = await as('bob').run({ code: '"numbers" in globals()' });
    expect(other.sessionId).not.toBe(sessionId);
    expect(other.value?.text).toBe('false');
  },

  'the default session is the same one in the next generation after it was closed': async ({ as }) => {
    const client = as('lonely');
    // Many files take a while to remove: the next generation begins in a folder of its own all the same.
    const files = 'for i in range(300): open(f"file {i}", "w").close()';
    const before = await client.run({ code: `x = 1\n${files}` });
    await client.closeSession(before.sessionId);
    const after = await client.run({ code: 'import os\nopen("own", "w").close()\n["x" in globals(), os.listdir()]' });
    expect(after).toMatchObject({ sessionId: before.sessionId, generation: 2, value: { text: '[false,["own"]]' } });
    expect(await client.run({ code: 'os.listdir()' })).toMatchObject({ value: { text: '["own"]' } });
  },

  'callers of one session have their turns in order': async ({ client, gate, session }) => {
    await using own = await session();
    const go = gate();
    const first = follow(client.execute({ sessionId: own.id, code: `turns = [0]\nprint("up")\n${go.wait}` }));
    await first.first('stdout');
    const others: ReturnType<typeof follow>[] = [];
    for (let i = 1; i <= 4; i++) {
      const next = follow(client.execute({ sessionId: own.id, code: `turns.append(${i})` }));
      expect(await next.first('accepted')).toMatchObject({ queuePosition: i, sessionId: own.id });
      others.push(next);
    }
    go.open();
    const ends = await Promise.all([first, ...others].map(({ all }) => all));
    expect(ends.map((events) => events.at(-1))).toMatchObject(ends.map(() => ({ outcome: 'OK' })));
    expect(await client.run({ sessionId: own.id, code: 'turns' })).toMatchObject({ value: { text: '[0,1,2,3,4]' } });
  },

  'the host tells what it is, who is asking, and what it does': async ({ client, as, session }) => {
    await using own = await session();
    expect(own.state).toBe('IDLE');
    const host = await client.host();
    expect(host).toMatchObject({ principal: 'token:default', defaultVenv: 'default' });
    expect(host.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(host.sessionsOpen).toBeGreaterThanOrEqual(1);
    expect(await as('ann').host()).toMatchObject({ principal: 'token:ann' });
  },
};
