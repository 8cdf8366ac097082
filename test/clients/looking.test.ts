/** Looking into sessions and at the gateway's machine, by the client's own words. */
import { expect } from 'vitest';
import { until } from '../support/until.ts';
import { testOverTransports } from './over-transports.ts';

testOverTransports({
  'what could stand at a place, and what stands there, is told also while code runs': async ({ python }) => {
    await using session = await python.createSession();
    await session.run('name_of_mine = [1]\ndef greet(whom="you"):\n    "Says hello."');
    await using _running = session.execute('while True: pass');
    await until('the code runs', async () => (await session.info()).state === 'BUSY');

    const code = '"😀"; name_of_';
    const { matches, start, end } = await session.complete(code);
    expect([code.slice(start, end), matches.map(({ text }) => text)]).toEqual(['name_of_', ['name_of_mine']]);
    expect((await session.complete('gre + 1', 3)).matches).toMatchObject([{ text: 'greet', kind: 'function' }]);
    expect(await session.inspect('greet')).toMatchObject({ signature: "(whom='you')", documentation: 'Says hello.' });
    expect(await session.inspect('nothing_like_it')).toBeUndefined();
    expect(await session.checkComplete('for x in y:')).toEqual({ state: 'INCOMPLETE', indent: '    ' });
    expect((await session.checkComplete('1 +* 2')).state).toBe('INVALID');
    const variables = await session.variables();
    expect(variables.find(({ name }) => name === 'name_of_mine')).toMatchObject({ typeName: 'list', preview: '[1]' });
    const [main] = await session.stacks();
    expect(main?.mainThread).toBe(true);
    expect(main?.frames.at(-1)?.line).toBe(1);
  },

  'the machine tells what it is, how it is doing, and what happens': async ({ python }) => {
    const host = await python.host();
    expect(host).toMatchObject({
      principal: 'token:default',
      platform: expect.any(String),
      startedAt: expect.any(Date),
    });
    expect(host.endpoints.map(({ name }) => name)).toContain('http');
    expect(host.isolation.find(({ level }) => level === 'NONE')?.available).toBe(true);
    const seen: string[] = [];
    const leave = new AbortController();
    for await (const { kind, subject } of python.watch({ signal: leave.signal })) {
      seen.push(kind);
      if (kind === 'watch.begun') await (await python.createSession()).close();
      if (kind === 'session.closed' && seen.includes('watch.begun')) {
        expect(subject).not.toBe('');
        break;
      }
    }
    expect(seen.slice(seen.indexOf('watch.begun'))).toContain('session.opened');
    expect((await python.stats()).kinds.length).toBeGreaterThan(0);
    for (const worker of await python.workers()) expect(worker).toMatchObject({ state: 'READY', restarts: 0 });
    const aborted = python.watch({ signal: leave.signal });
    await aborted.next();
    leave.abort(new Error('no longer wanted'));
    const read = async () => {
      for await (const _ of aborted);
    };
    await expect(read()).rejects.toThrow('no longer wanted');
  },

  'the interpreters of the machine are told': async ({ python }) => {
    const { id, version } = await python.runtimes.get();
    const all = await python.runtimes.list();
    expect(all.find((runtime) => runtime.id === id)).toMatchObject({ version, usable: true, default: true });
    expect(await python.runtimes.list({ version: '>=99' })).toEqual([]);
    expect((await python.runtimes.get(id, { verify: true })).problems).toEqual([]);
    await expect(python.runtimes.get('99')).rejects.toMatchObject({ reason: 'RUNTIME_NOT_FOUND' });
    await expect(python.runtimes.uninstall('none')).rejects.toMatchObject({ reason: 'RUNTIME_NOT_FOUND' });
    await expect(python.runtimes.install('not a version').result()).rejects.toMatchObject({ name: 'BeepError' });
  },
});
