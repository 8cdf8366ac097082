/** Scenarios: how code ends. */
import { expect } from 'vitest';
import { collect, expectWellFormed, only } from './follow.ts';
import type { Scenarios } from './stage.ts';

const kept = { statePreserved: true, generation: 1 };

/** The scenarios. */
export const endings: Scenarios = {
  'an exception comes with its traceback and its frames, and ours are not among them': async ({ client }) => {
    const code = 'def half(x):\n    return x / 0\n\nprint("before")\nhalf(7)';
    const events = await collect(client.execute({ fresh: true, code }));
    expectWellFormed(events);
    const { error } = only(events, 'error');
    expect(error).toMatchObject({ type: 'ZeroDivisionError', module: 'builtins', message: 'division by zero' });
    expect(error.frames).toEqual([
      { file: '<cell 1>', line: 5, function: '<module>', source: 'half(7)' },
      { file: '<cell 1>', line: 2, function: 'half', source: 'return x / 0' },
    ]);
    expect(error.traceback).toMatch(/^Traceback \(most recent call last\):\n {2}File "<cell 1>", line 5, in <module>/);
    expect(error.traceback).toMatch(/ZeroDivisionError: division by zero\n$/);
    expect(error.traceback).not.toContain('beep');
    expect(events.at(-1)).toMatchObject({ outcome: 'ERROR', statePreserved: true });
  },

  'an exception of a class of its own is named by its module, with its cause in the traceback': async ({ client }) => {
    const code = [
      'class Refused(Exception): pass',
      'try:',
      '    {}["key"]',
      'except KeyError as cause:',
      '    raise Refused("no", 7) from cause',
    ].join('\n');
    const { error, outcome } = await client.run({ fresh: true, code });
    expect(outcome).toBe('ERROR');
    expect(error).toMatchObject({ type: 'Refused', module: '__main__', message: "('no', 7)" });
    expect(error?.traceback).toContain("KeyError: 'key'");
    expect(error?.traceback).toContain('The above exception was the direct cause');
  },

  'code that does not parse is a SyntaxError, and none of it runs': async ({ client }) => {
    const { error, outcome, stdout } = await client.run({ fresh: true, code: 'print("no")\nif True print(1)' });
    expect({ outcome, stdout }).toEqual({ outcome: 'ERROR', stdout: '' });
    expect(error).toMatchObject({ type: 'SyntaxError', module: 'builtins', frames: [] });
    expect(error?.traceback).toContain('if True print(1)');
    expect(error?.traceback).not.toContain('beep');
  },

  'input that nobody gives is an EOFError that says so': async ({ client }) => {
    const { error } = await client.run({ fresh: true, code: 'name = input("Who? ")' });
    expect(error).toMatchObject({ type: 'EOFError', module: 'builtins', message: expect.stringMatching(/input/) });
  },

  'what belongs to other prompts gets a hint': async ({ client, session }) => {
    await using own = await session();
    for (const [code, hint] of [
      ['!pip install requests', 'VenvService'],
      ['!ls', 'subprocess'],
      ['%timeit 1', 'IPython'],
    ] as const) {
      const events = await collect(client.execute({ sessionId: own.id, code }));
      expect(only(events, 'error').error.type).toBe('SyntaxError');
      expect(only(events, 'notice')).toMatchObject({ kind: 'WARNING', message: expect.stringContaining(hint) });
    }
  },

  'what the machine refuses is an exception like any other': async ({ client, session }) => {
    await using own = await session();
    const run = (code: string) => client.run({ sessionId: own.id, code });
    expect(await run('bytearray(10**17)')).toMatchObject({ outcome: 'ERROR', error: { type: 'MemoryError' }, ...kept });
    expect(await run('def f(): f()\nf()')).toMatchObject({
      outcome: 'ERROR',
      error: { type: 'RecursionError' },
      ...kept,
    });
    expect(await run('open("/no/such/file")')).toMatchObject({ error: { type: 'FileNotFoundError' }, ...kept });
  },

  'await works at the top level, and tasks live on between executions': async ({ client, session }) => {
    await using own = await session();
    const first = 'import asyncio\nready = asyncio.get_running_loop().create_future()\nawait asyncio.sleep(0, "slept")';
    expect(await client.run({ sessionId: own.id, code: first })).toMatchObject({ value: { text: '"slept"' } });
    const second = 'asyncio.get_running_loop().call_soon(ready.set_result, 5)\nawait ready';
    expect(await client.run({ sessionId: own.id, code: second })).toMatchObject({ value: { text: '5' } });
    expect(await client.run({ sessionId: own.id, code: 'asyncio.run(asyncio.sleep(0, 1))' })).toMatchObject({
      outcome: 'OK',
    });
  },

  'sys.exit is an end with its code, and the variables live on': async ({ client, session }) => {
    await using own = await session();
    const run = (code: string) => client.run({ sessionId: own.id, code });
    expect(await run('import sys\nx = 5\nsys.exit(3)')).toMatchObject({ outcome: 'EXITED', exitCode: 3, ...kept });
    expect(await run('sys.exit()')).toMatchObject({ outcome: 'EXITED', exitCode: 0, ...kept });
    expect(await run('sys.exit("enough")')).toMatchObject({ outcome: 'EXITED', exitCode: 1, stderr: 'enough\n' });
    expect(await run('raise SystemExit(-1)')).toMatchObject({ outcome: 'EXITED', exitCode: -1, ...kept });
    expect(await run('x')).toMatchObject({ outcome: 'OK', value: { text: '5' }, exitCode: null, ...kept });
  },

  'os._exit ends the process: the state is lost, and the session is there again at once': async ({
    client,
    session,
  }) => {
    await using own = await session();
    const events = await collect(
      client.execute({ sessionId: own.id, code: 'import os\nx = 1\nprint("last words")\nos._exit(3)' }),
    );
    expectWellFormed(events);
    expect(events.at(-1)).toMatchObject({
      outcome: 'EXITED',
      exitCode: 3,
      signal: null,
      stoppedBy: null,
      statePreserved: false,
      generation: 2,
    });
    const after = await client.run({ sessionId: own.id, code: 'x' });
    expect(after).toMatchObject({ outcome: 'ERROR', error: { type: 'NameError' }, generation: 2 });
    expect(await client.getSession(own.id)).toMatchObject({ state: 'IDLE', generation: 2 });
  },

  'a process that is killed by a signal says which': async ({ client, session }) => {
    await using own = await session();
    const run = (code: string) => client.run({ sessionId: own.id, code });
    expect(await run('import os\nos.kill(os.getpid(), 9)')).toMatchObject({
      outcome: 'KILLED',
      signal: 9,
      exitCode: null,
      stoppedBy: null,
      statePreserved: false,
      generation: 2,
    });
    expect(await run('import ctypes\nctypes.string_at(0)')).toMatchObject({
      outcome: 'KILLED',
      signal: 11,
      generation: 3,
    });
    expect(await run('1 + 1')).toMatchObject({ outcome: 'OK', value: { text: '2' }, generation: 3 });
  },

  'a session that asked for it ends with its process': async ({ client }) => {
    const own = await client.createSession({ closeOnDeath: true });
    const result = await client.run({ sessionId: own.id, code: 'import os\nos._exit(1)' });
    expect(result).toMatchObject({ outcome: 'EXITED', exitCode: 1, statePreserved: false, generation: 1 });
    expect(await client.getSession(own.id)).toMatchObject({ state: 'CLOSED', closeReason: 'PROCESS_DIED' });
  },

  'a cell that ends in fork ends once, and its child leaves': async ({ client, session }) => {
    await using own = await session();
    const code = 'import os\nchild = os.fork()\nchild > 0';
    const events = await collect(client.execute({ sessionId: own.id, code }));
    expectWellFormed(events);
    expect(events.at(-1)).toMatchObject({ outcome: 'OK', statePreserved: true });
    expect(only(events, 'result').value?.text).toBe('true');
    // The child has fallen through and left by itself: it can be waited for.
    const waited = await client.run({ sessionId: own.id, code: 'os.waitpid(child, 0)[1]' });
    expect(waited).toMatchObject({ outcome: 'OK', value: { text: '0' }, generation: 1 });
  },

  'time that is up ends the code, and the variables live on': async ({ client, session }) => {
    await using own = await session();
    const events = await collect(
      client.execute({ sessionId: own.id, code: 'x = 1\nwhile True: x += 1', timeoutSeconds: 0.2 }),
    );
    expectWellFormed(events);
    expect(only(events, 'notice')).toMatchObject({ kind: 'TIMING_OUT' });
    const end = only(events, 'finished');
    expect(end).toMatchObject({ outcome: 'TIMEOUT', stoppedBy: 'INTERRUPT', ...kept });
    expect(end.wallSeconds).toBeGreaterThanOrEqual(0.2);
    expect(await client.run({ sessionId: own.id, code: 'x > 1' })).toMatchObject({ value: { text: 'true' } });
  },

  'code that ends by itself after its time was up is TIMEOUT all the same': async ({ client, session }) => {
    await using own = await session();
    const code = 'try:\n    while True: pass\nexcept KeyboardInterrupt:\n    caught = True\n';
    const result = await client.run({ sessionId: own.id, code, timeoutSeconds: 0.1 });
    expect(result).toMatchObject({ outcome: 'TIMEOUT', ...kept });
    expect(await client.run({ sessionId: own.id, code: 'caught' })).toMatchObject({ value: { text: 'true' } });
  },
};
