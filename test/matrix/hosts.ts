/** Scenarios: the host watched. */
import { expect } from 'vitest';
import { watchHost } from './host-watch.ts';
import type { Scenarios } from './stage.ts';

/** The scenarios. */
export const hosts: Scenarios = {
  'the host can be watched: what there is, and then what happens': async ({ client, session, isPlain }) => {
    if (isPlain) return;
    await using old = await session();
    await using host = await watchHost(client);
    const kinds = new Set(host.before.map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(['worker.ready', 'template.started', 'session.opened']));
    const workers = host.before.filter(({ kind }) => kind === 'worker.ready');
    expect(workers).toHaveLength(2);
    for (const { attributes } of workers) expect(Number(attributes.pid)).toBeGreaterThan(0);
    expect(host.before).toContainEqual(expect.objectContaining({ kind: 'session.opened', subject: old.id }));

    const fresh = await client.createSession({ closeOnDeath: false });
    const opened = await host.until('session.opened', fresh.id);
    expect(opened.attributes).toMatchObject({ generation: '1', worker_id: expect.stringMatching(/^w/) });
    await client.run({ sessionId: fresh.id, code: 'import os\nos._exit(3)' });
    const died = await host.until('session.died', fresh.id);
    expect(died).toMatchObject({ message: 'its process ended with exit code 3', attributes: { generation: '2' } });
    expect((await host.until('session.replaced', fresh.id)).attributes).toMatchObject({ generation: '2' });
    await client.closeSession(fresh.id);
    const closed = await host.until('session.closed', fresh.id);
    expect(closed).toMatchObject({ message: 'it was closed', attributes: { close_reason: 'RELEASED' } });

    const { sessionId } = await client.run({ fresh: true, code: '1' });
    await host.until('session.opened', sessionId);
    await host.until('session.closed', sessionId);
  },

  'the workers are listed as they are, with their sessions and templates': async ({ client, session, isPlain }) => {
    if (isPlain) return;
    const list = async () => (await client.workers?.()) ?? [];
    const before = await list();
    expect(before.map(({ id }) => id)).toEqual(['w1', 'w2']);
    for (const { pid, state, restarts, lastError } of before) {
      expect(pid).toBeGreaterThan(0);
      expect({ state, restarts, lastError }).toEqual({ state: 'READY', restarts: 0, lastError: '' });
    }
    await using own = await session();
    const after = await list();
    expect(after.some(({ sessions }) => sessions > 0)).toBe(true);
    expect(after.flatMap(({ templates }) => templates)).toContainEqual({ venv: own.venv, pid: expect.any(Number) });
  },

  'who watches the host hears nothing of the sessions of others': async ({ client, as, isPlain }) => {
    if (isPlain) return;
    await using host = await watchHost(client);
    await using hers = await watchHost(as('ann'));
    const session = await as('ann').createSession();
    await hers.until('session.opened', session.id);
    await as('ann').closeSession(session.id);
    await hers.until('session.closed', session.id);
    const own = await client.createSession();
    const heard: string[] = [];
    for (;;) {
      const { subject } = await host.until('session.opened');
      heard.push(subject);
      if (subject === own.id) break;
    }
    expect(heard).not.toContain(session.id);
    await client.closeSession(own.id);
  },
};
