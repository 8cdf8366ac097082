/** Scenarios: code that is stopped, and callers who leave. */
import { expect } from 'vitest';
import { collect, expectWellFormed, follow, only } from './follow.ts';
import { expectRefused } from './refused.ts';
import type { Scenarios } from './stage.ts';

const spin = 'while True: pass';
const announced = (code: string) => `print("up")\n${code}`;
const deaf = 'while True:\n    try:\n        print("up")\n        while True: pass\n    except KeyboardInterrupt: pass';
const kept = { statePreserved: true, generation: 1 };
const lost = { statePreserved: false, generation: 2 };

/** The scenarios. */
export const stopping: Scenarios = {
  'an interrupt stops an endless loop and keeps the variables': async ({ client, session }) => {
    await using own = await session();
    const reading = follow(client.execute({ sessionId: own.id, code: `x = 7\n${announced(spin)}` }));
    await reading.first('stdout');
    expect(await client.interrupt({ sessionId: own.id })).toEqual({ stoppedBy: 'INTERRUPT', statePreserved: true });
    const events = await reading.all;
    expectWellFormed(events);
    expect(only(events, 'notice')).toMatchObject({ kind: 'INTERRUPTING' });
    expect(only(events, 'finished')).toMatchObject({ outcome: 'INTERRUPTED', stoppedBy: 'INTERRUPT', ...kept });
    expect(await client.run({ sessionId: own.id, code: 'x' })).toMatchObject({ value: { text: '7' }, generation: 1 });
  },

  'an interrupt reaches a child that the code waits for': async ({ client, gate, newId, session }) => {
    await using own = await session();
    const [executionId, up] = [newId(), gate()];
    const code = `import os\nx = os.system("touch ${up.path}; exec sleep 600")`;
    const ended = client.run({ sessionId: own.id, executionId, code });
    await up.isOpen();
    expect(await client.interrupt({ executionId })).toEqual({ stoppedBy: 'INTERRUPT', statePreserved: true });
    // Its child was stopped, not the code: it ended by itself.
    expect(await ended).toMatchObject({ outcome: 'OK', ...kept });
    expect(await client.run({ sessionId: own.id, code: 'x' })).toMatchObject({ value: { text: '2' } });
  },

  'code that starts one child after the other is stopped too, and keeps its variables': async ({
    client,
    gate,
    session,
  }) => {
    await using own = await session();
    const up = gate();
    const code = `import os\nx = 7\nwhile True: os.system("touch ${up.path}; exec sleep 600")`;
    const ended = client.run({ sessionId: own.id, code });
    await up.isOpen();
    const answer = await client.interrupt({ sessionId: own.id }, { graceSeconds: 1 });
    expect(answer).toEqual({ stoppedBy: 'EXCEPTION', statePreserved: true });
    expect(await ended).toMatchObject({ outcome: 'INTERRUPTED', ...kept });
    expect(await client.run({ sessionId: own.id, code: 'x' })).toMatchObject({ value: { text: '7' } });
  },

  'code that ignores the signal is stopped by an exception': async ({ client, session }) => {
    await using own = await session();
    const code = `import signal\nx = 7\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n${announced(spin)}`;
    const reading = follow(client.execute({ sessionId: own.id, code }));
    await reading.first('stdout');
    const answer = await client.interrupt({ sessionId: own.id }, { graceSeconds: 1 });
    expect(answer).toEqual({ stoppedBy: 'EXCEPTION', statePreserved: true });
    expect((await reading.all).at(-1)).toMatchObject({ outcome: 'INTERRUPTED', stoppedBy: 'EXCEPTION', ...kept });
    expect(await client.run({ sessionId: own.id, code: 'x' })).toMatchObject({ value: { text: '7' } });
  },

  'code that swallows every KeyboardInterrupt is killed in the end': async ({ client, session }) => {
    await using own = await session();
    const reading = follow(client.execute({ sessionId: own.id, code: deaf }));
    await reading.first('stdout');
    const answer = await client.interrupt({ sessionId: own.id }, { graceSeconds: 0.2 });
    expect(answer).toEqual({ stoppedBy: 'KILL', statePreserved: false });
    const events = await reading.all;
    expectWellFormed(events);
    expect(events.at(-1)).toMatchObject({ outcome: 'INTERRUPTED', stoppedBy: 'KILL', ...lost });
    expect(await client.run({ sessionId: own.id, code: '1' })).toMatchObject({ outcome: 'OK', generation: 2 });
  },

  'a kill ends it at once': async ({ client, session }) => {
    await using own = await session();
    const reading = follow(client.execute({ sessionId: own.id, code: announced(spin) }));
    await reading.first('stdout');
    const answer = await client.interrupt({ sessionId: own.id }, { kill: true });
    expect(answer).toEqual({ stoppedBy: 'KILL', statePreserved: false });
    const events = await reading.all;
    expectWellFormed(events);
    expect(events.at(-1)).toMatchObject({ outcome: 'INTERRUPTED', stoppedBy: 'KILL', ...lost });
    expect(await client.run({ sessionId: own.id, code: '1' })).toMatchObject({ outcome: 'OK', generation: 2 });
  },

  'when nothing runs there is nothing to interrupt': async (stage) => {
    const { client, newId, session } = stage;
    await using own = await session();
    const expected = { reason: 'NOTHING_RUNNING', code: 9, http: 409 };
    await expectRefused(stage, client.interrupt({ sessionId: own.id }), expected);
    await expectRefused(stage, client.interrupt({ executionId: newId() }), expected);
  },

  'an execution that waits is withdrawn, and the one that runs goes on': async ({ client, gate, newId, session }) => {
    await using own = await session();
    const go = gate();
    const running = follow(client.execute({ sessionId: own.id, code: announced(`${go.wait}x = 1`) }));
    await running.first('stdout');
    const executionId = newId();
    const waiting = follow(client.execute({ sessionId: own.id, executionId, code: 'x = 2' }));
    await waiting.first('accepted');
    expect(await client.interrupt({ executionId })).toEqual({ stoppedBy: null, statePreserved: true });
    const events = await waiting.all;
    expect(events.map(({ type }) => type)).toEqual(['accepted', 'finished']);
    expect(events.at(-1)).toMatchObject({ outcome: 'CANCELLED', stoppedBy: null, ...kept });
    go.open();
    expect((await running.all).at(-1)).toMatchObject({ outcome: 'OK' });
    expect(await client.run({ sessionId: own.id, code: 'x' })).toMatchObject({ value: { text: '1' } });
  },

  'what waits when the process dies never runs': async ({ client, gate, session }) => {
    await using own = await session();
    const go = gate();
    const dying = follow(client.execute({ sessionId: own.id, code: announced(`${go.wait}os._exit(1)`) }));
    await dying.first('stdout');
    const waiting = follow(client.execute({ sessionId: own.id, code: 'print("must not run")' }));
    await waiting.first('accepted');
    go.open();
    expect((await dying.all).at(-1)).toMatchObject({ outcome: 'EXITED' });
    expect((await waiting.all).map(({ type }) => type)).toEqual(['accepted', 'finished']);
    expect((await waiting.all).at(-1)).toMatchObject({
      outcome: 'CANCELLED',
      message: expect.stringContaining('state it counted on was lost'),
    });
  },

  'the caller of a stream goes away: its code is stopped': async ({ client, newId, session }) => {
    await using own = await session();
    const executionId = newId();
    const leaving = new AbortController();
    const code = `x = 7\n${announced(spin)}`;
    const reading = follow(client.execute({ sessionId: own.id, executionId, code }, { signal: leaving.signal }));
    await reading.first('stdout');
    leaving.abort();
    await expect(reading.all).rejects.toThrow();
    const { state, result } = await client.get(executionId, 20);
    expect(state).toBe('FINISHED');
    expect(result).toMatchObject({ outcome: 'CANCELLED', stoppedBy: 'INTERRUPT', ...kept });
    expect(await client.run({ sessionId: own.id, code: 'x' })).toMatchObject({ value: { text: '7' } });
  },

  'the caller who waits for the whole answer goes away: its code is stopped': async ({
    client,
    gate,
    newId,
    session,
  }) => {
    await using own = await session();
    const executionId = newId();
    const leaving = new AbortController();
    const up = gate();
    const running = client.run(
      { sessionId: own.id, executionId, code: `${up.pass}${spin}` },
      { signal: leaving.signal },
    );
    running.catch(() => {});
    await up.isOpen();
    leaving.abort();
    await expect(running).rejects.toThrow();
    expect((await client.get(executionId, 20)).result).toMatchObject({ outcome: 'CANCELLED', ...kept });
  },

  'the caller of what waits goes away: it never runs': async ({ client, gate, newId, session }) => {
    await using own = await session();
    const go = gate();
    const running = follow(client.execute({ sessionId: own.id, code: announced(go.wait) }));
    await running.first('stdout');
    const executionId = newId();
    const leaving = new AbortController();
    const waiting = follow(
      client.execute({ sessionId: own.id, executionId, code: 'print(1)' }, { signal: leaving.signal }),
    );
    await waiting.first('accepted');
    leaving.abort();
    await expect(waiting.all).rejects.toThrow();
    expect((await client.get(executionId, 20)).result).toMatchObject({ outcome: 'CANCELLED', stdout: '' });
    go.open();
    expect((await running.all).at(-1)).toMatchObject({ outcome: 'OK' });
  },

  'of two callers of one execution id the first may leave, and the code goes on until both have': async ({
    client,
    gate,
    newId,
    session,
  }) => {
    await using own = await session();
    const request = { sessionId: own.id, executionId: newId(), code: '' };
    const go = gate();
    const code = `${announced(`${go.wait}print("on")`)}\n${spin}`;
    const [first, second] = [new AbortController(), new AbortController()];
    const began = follow(client.execute({ ...request, code }, { signal: first.signal }));
    await began.first('stdout');
    const joined = follow(client.execute({ ...request, code }, { signal: second.signal }));
    await joined.first('stdout');
    first.abort();
    await expect(began.all).rejects.toThrow();
    const watching = follow(client.watch(request.executionId, 1));
    await watching.first('stdout');
    go.open();
    await joined.first('stdout');
    expect(await client.get(request.executionId)).toMatchObject({ state: 'RUNNING' });
    second.abort();
    await expect(joined.all).rejects.toThrow();
    expect((await watching.all).at(-1), 'whoever only watches keeps nothing going').toMatchObject({
      outcome: 'CANCELLED',
      ...kept,
    });
  },

  'who only watches may leave without any harm': async ({ client, gate, newId, session }) => {
    await using own = await session();
    const executionId = newId();
    const go = gate();
    const reading = follow(client.execute({ sessionId: own.id, executionId, code: announced(`${go.wait}5`) }));
    await reading.first('stdout');
    const leaving = new AbortController();
    const watching = follow(client.watch(executionId, 1, { signal: leaving.signal }));
    await watching.first('stdout');
    leaving.abort();
    await expect(watching.all).rejects.toThrow();
    go.open();
    expect((await reading.all).at(-1)).toMatchObject({ outcome: 'OK' });
  },

  'what was detached goes on without its caller': async ({ client, gate, newId, session }) => {
    await using own = await session();
    const executionId = newId();
    const leaving = new AbortController();
    const go = gate();
    const code = announced(`${go.wait}print("alone")\n5`);
    const reading = follow(
      client.execute({ sessionId: own.id, executionId, code, detach: true }, { signal: leaving.signal }),
    );
    await reading.first('stdout');
    leaving.abort();
    await expect(reading.all).rejects.toThrow();
    expect(await client.get(executionId)).toMatchObject({ state: 'RUNNING' });
    go.open();
    const { state, result } = await client.get(executionId, 20);
    expect(state).toBe('FINISHED');
    expect(result).toMatchObject({ outcome: 'OK', stdout: 'up\nalone\n', value: { text: '5' } });
    expectWellFormed(await collect(client.watch(executionId, 1)));
  },
};
