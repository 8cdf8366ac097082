/** Sessions, by the client. */
import { expect } from 'vitest';
import { newId } from '../../src/client/new-id.ts';
import { testOverTransports } from './over-transports.ts';

testOverTransports({
  'a session is created, found by its id, listed by label, renewed, restarted and closed': async ({ python }) => {
    const label = newId();
    const session = await python.createSession({ labels: { test: label }, idleTimeoutMs: 60_000, env: { MODE: 'x' } });
    expect(session.created).toMatchObject({ generation: 1, state: 'IDLE', labels: { test: label } });
    await session.run('x = 1');
    expect((await python.session(session.id).run('import os\n(x, os.environ["MODE"])')).value).toEqual([1, 'x']);

    const found = [];
    for await (const info of python.listSessions({ labels: { test: label } })) found.push(info.id);
    expect(found).toEqual([session.id]);

    const before = (await session.info()).expiresAt as Date;
    const renewed = (await session.renew({ idleTimeoutMs: 600_000 })).expiresAt as Date;
    expect(renewed.getTime() - before.getTime()).toBeGreaterThan(500_000);

    expect(await session.restart()).toMatchObject({ id: session.id, generation: 2, state: 'IDLE' });
    await expect(session.run('x')).rejects.toMatchObject({ type: 'NameError' });

    expect(await session.close()).toMatchObject({ state: 'CLOSED', closeReason: 'RELEASED' });
    expect(await session.close()).toBeUndefined();
    await expect(session.run('1')).rejects.toMatchObject({ name: 'BeepError', reason: 'SESSION_CLOSED' });
  },

  'the same key gives the same session': async ({ python }) => {
    const key = newId();
    await using session = await python.createSession({ key });
    const again = await python.createSession({ key });
    expect([again.id, again.created.origin]).toEqual([session.id, 'EXISTING']);
    await expect(python.createSession({ key, env: { other: '1' } })).rejects.toMatchObject({
      reason: 'IDEMPOTENCY_KEY_REUSED',
      metadata: { key },
    });
  },

  'leaving the scope of a session that was created closes it': async ({ python }) => {
    let id = '';
    {
      await using session = await python.createSession();
      id = session.id;
    }
    await expect(python.session(id).run('1')).rejects.toMatchObject({ reason: 'SESSION_CLOSED' });
  },

  'no session named means the default session, the same for every client of a token': async ({ gateway, connect }) => {
    const token = gateway.token('ann');
    await using one = await connect({ token });
    await using other = await connect({ token });
    await one.run('shared = "here"');
    expect((await other.run('shared')).value).toBe('here');
    expect(await other.defaultSession.get('shared')).toBe('here');
    expect((await one.host()).principal).not.toBe('');
  },

  'code in fresh sessions shares nothing': async ({ python }) => {
    const fresh = python.fresh({ limits: { openFiles: 64 } });
    const [one, other] = await Promise.all([fresh.run('left = 1\n"left" in globals()'), fresh.run('2')]);
    expect([one.value, other.value]).toEqual([true, 2]);
    expect(one.sessionId).not.toBe(other.sessionId);
    expect((await fresh.run('"left" in globals()')).value).toBe(false);
    const types = [];
    for await (const event of fresh.execute('x = print(1)')) types.push(event.type);
    expect(types).toEqual(['accepted', 'started', 'stdout', 'finished']);
  },

  'a session that is not there, and one of another token, are SESSION_NOT_FOUND': async ({
    gateway,
    connect,
    python,
  }) => {
    await expect(python.session(newId()).info()).rejects.toMatchObject({ reason: 'SESSION_NOT_FOUND' });
    await using session = await python.createSession();
    await using ann = await connect({ token: gateway.token('ann') });
    const refused = ann.session(session.id).run('1');
    await expect(refused).rejects.toMatchObject({ reason: 'SESSION_NOT_FOUND', retryable: false });
    await expect(refused).rejects.toThrow('list the sessions, or create one');
  },

  'a wrong token is UNAUTHENTICATED': async ({ connect }) => {
    await using stranger = await connect({ token: 'x'.repeat(43) });
    await expect(stranger.run('1')).rejects.toMatchObject({ reason: 'UNAUTHENTICATED' });
  },
});
