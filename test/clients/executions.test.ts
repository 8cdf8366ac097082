/** Code that runs, by the client. */
import { expect } from 'vitest';
import { newId } from '../../src/client/new-id.ts';
import { type Execution, type ExecutionEvent, type PythonError, tuple } from '../../src/client/node.ts';
import { until } from '../support/until.ts';
import { testOverTransports } from './over-transports.ts';

const raising = `
try:
    {}["missing"]
except KeyError as error:
    refused = ValueError("not that one", 7)
    refused.add_note("ask again") if hasattr(refused, "add_note") else None
    raise refused from error
`;

testOverTransports({
  'run answers with the value, the texts and the displays': async ({ python }) => {
    await using session = await python.createSession();
    const result = await session.run(`
import sys
print("out"); print("err", file=sys.stderr)
class Bar:
    def _repr_html_(self): return "<b>bar</b>"
display(Bar())
{"answer": [42, 2.5, None]}`);
    expect(result).toMatchObject({
      value: { answer: [42, 2.5, null] },
      text: "{'answer': [42, 2.5, None]}",
      stdout: 'out\n',
      stderr: 'err\n',
      outcome: 'OK',
      statePreserved: true,
      generation: 1,
      sessionId: session.id,
      error: undefined,
    });
    expect(result.displays.map(({ data }) => data['text/html'])).toEqual(['<b>bar</b>']);
    expect(result.usage.wallMs).toBeGreaterThan(0);
    expect((await session.run('x = 1')).value).toBeUndefined();
    expect((await session.run('None')).value).toBeNull();
  },

  'run raises what the code raised, with type, module, message, notes, cause, context, group and traceback': async ({
    python,
  }) => {
    await using session = await python.createSession();
    const error = await session.run(raising).then(
      () => expect.unreachable(),
      (error: PythonError) => error,
    );
    expect(error).toMatchObject({
      name: 'PythonError',
      type: 'ValueError',
      module: 'builtins',
      args: ['not that one', 7],
      message: "('not that one', 7)",
      notes: ['ask again'],
    });
    expect(error.cause).toMatchObject({ name: 'PythonError', type: 'KeyError', message: "'missing'" });
    expect(error.traceback).toContain('raise refused from error');
    expect(error.stack).toContain('raise refused from error');
    expect(error.frames.at(-1)?.source).toContain('raise refused');
    expect([error.isInstance('ValueError'), error.isInstance('Exception'), error.isInstance('OSError')]).toEqual([
      true,
      true,
      false,
    ]);
    const implicit = await session.run('try: 1 / 0\nexcept ZeroDivisionError: [][0]').catch((error) => error);
    expect(implicit).toMatchObject({ type: 'IndexError', context: { type: 'ZeroDivisionError' } });
    expect(implicit.cause).toBe(implicit.context);
    const suppressed = session.run('try: 1 / 0\nexcept ZeroDivisionError: raise OSError(2, "no") from None');
    await expect(suppressed).rejects.toMatchObject({ context: undefined, message: '[Errno 2] no' });
    expect((await suppressed.catch((error) => error)).cause).toBeUndefined();
  },

  'run says when code was stopped, exited or killed, and whether the state lives': async ({ python }) => {
    await using session = await python.createSession();
    await expect(session.run('import sys; sys.exit(3)')).rejects.toMatchObject({
      name: 'ExecutionStopped',
      outcome: 'EXITED',
      ending: { exitCode: 3, statePreserved: true },
    });
    await expect(session.run('import os; os.kill(os.getpid(), 11)')).rejects.toMatchObject({
      outcome: 'KILLED',
      ending: { signal: 11, statePreserved: false, generation: 2 },
    });
    await expect(session.run('while True: pass', { timeoutMs: 100 })).rejects.toThrow(
      /^TIMEOUT: .*the variables live$/,
    );
  },

  'events come as they happen, in order, and typed; the result can be had after them': async ({ python }) => {
    await using session = await python.createSession();
    const execution = session.execute(`
import sys
print("one"); print("two", file=sys.stderr); display("shown"); 6 * 7`);
    const events: ExecutionEvent[] = [];
    for await (const event of execution) events.push(event);
    expect(events.map(({ type }) => type)).toEqual([
      'accepted',
      'started',
      'stdout',
      'stderr',
      'display',
      'result',
      'finished',
    ]);
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    for (const event of events) {
      expect(event.executionId).toBe(execution.id);
      if (event.type === 'stdout') expect([event.text, event.offset]).toEqual(['one\n', 0]);
      if (event.type === 'display') expect(event.data['text/plain']).toBe("'shown'");
      if (event.type === 'result') expect(event.value).toBe(42);
      if (event.type === 'finished') expect(event.outcome).toBe('OK');
    }
    expect(await execution.result()).toMatchObject({ value: 42, stdout: 'one\n', lastSeq: 7 });
    const again = [];
    for await (const event of execution) again.push(event.seq);
    expect(again).toEqual([1, 2, 3, 4, 5, 6, 7]);
  },

  'a result can be had without reading an event, also of code that raises': async ({ python }) => {
    await using session = await python.createSession();
    const result = await session.execute('print("x" * 100_000)\n1 / 0').result();
    expect(result).toMatchObject({ outcome: 'ERROR', error: { type: 'ZeroDivisionError' } });
    expect(result.stdout).toHaveLength(100_001);
  },

  'text that is split between events within a character is whole': async ({ python }) => {
    await using session = await python.createSession();
    const texts: string[] = [];
    const code = `
import os, time
for byte in "ä€😀".encode():
    os.write(1, bytes([byte])); time.sleep(0.02)`;
    for await (const event of session.execute(code)) if (event.type === 'stdout') texts.push(event.text);
    expect(texts.length).toBeGreaterThan(3);
    expect(texts.join('')).toBe('ä€😀');
  },

  'code that asks is answered': async ({ python }) => {
    await using session = await python.createSession();
    const execution = session.execute('import getpass\n(input("name? "), getpass.getpass("PIN: "), input())', {
      interactive: true,
    });
    const asked = [];
    for await (const event of execution) {
      if (event.type !== 'inputRequest') continue;
      asked.push([event.prompt, event.password]);
      if (asked.length < 3) await execution.sendInput(`answer ${asked.length}\n`, { requestId: event.requestId });
      else await execution.endInput();
    }
    expect(asked).toEqual([
      ['name? ', false],
      ['PIN: ', true],
      ['', false],
    ]);
    expect(await execution.result()).toMatchObject({ outcome: 'ERROR', error: { type: 'EOFError' } });
    await expect(execution.sendInput('late\n')).rejects.toMatchObject({ reason: 'INPUT_NOT_EXPECTED' });
  },

  'code reads what was given with the request': async ({ python }) => {
    await using session = await python.createSession();
    expect((await session.run('input(), input()', { stdin: 'Zoë\nx\n' })).value).toEqual(['Zoë', 'x']);
    await expect(session.run('input()')).rejects.toMatchObject({ type: 'EOFError' });
  },

  'interrupt stops the code and keeps the variables': async ({ python }) => {
    await using session = await python.createSession();
    const execution = session.execute('x = 5\nprint("runs")\nwhile True: pass');
    for await (const event of execution) {
      if (event.type === 'stdout') {
        expect(await execution.interrupt()).toEqual({ stoppedBy: 'INTERRUPT', statePreserved: true });
      }
      if (event.type === 'finished') expect(event.outcome).toBe('INTERRUPTED');
    }
    expect((await session.run('x')).value).toBe(5);
    await expect(session.interrupt()).rejects.toMatchObject({ reason: 'NOTHING_RUNNING' });
  },

  'leaving the loop stops the code; a detached one goes on and can be attached to': async ({ python, connect }) => {
    await using session = await python.createSession();
    const endless = session.execute('print("runs", flush=True)\nwhile True: pass');
    for await (const event of endless) if (event.type === 'stdout') break;
    expect((await endless.result()).outcome).toBe('INTERRUPTED');
    let scoped: Execution;
    {
      await using execution = session.execute('while True: pass');
      scoped = execution;
    }
    expect((await scoped.result()).outcome).toMatch(/INTERRUPTED|CANCELLED/);

    const id = await session.execute('import time\nfor i in range(5): print(i); time.sleep(0.02)').detach();
    await using other = await connect();
    const types = [];
    for await (const event of await other.attach(id)) types.push(event.type);
    expect([types[0], types.at(-1)]).toEqual(['accepted', 'finished']);
    // Leaving what was attached to is leaving, and no more.
    const long = await session.execute('while "stop" not in globals(): pass').detach();
    for await (const _ of await other.attach(long)) break;
    expect((await session.info()).runningItemId).toBe(long);
    const from = [];
    for await (const event of await other.attach(id, { fromSeq: 3 })) from.push(event.seq);
    expect(from[0]).toBe(3);
  },

  'a timeout stops the code': async ({ python }) => {
    await using session = await python.createSession();
    const result = await session.execute('import time\ntime.sleep(60)', { timeoutMs: 50 }).result();
    expect(result).toMatchObject({ outcome: 'TIMEOUT', stoppedBy: 'INTERRUPT', statePreserved: true });
  },

  'a cancelled call stops its code': async ({ python }) => {
    await using session = await python.createSession();
    const isIdle = () => until('the code is stopped', async () => (await session.info()).state === 'IDLE');
    const isBusy = () => until('the code runs', async () => (await session.info()).state === 'BUSY');
    const cancel = new AbortController();
    const reason = new Error('no longer wanted');
    const running = session.run('while True: pass', { signal: cancel.signal });
    await isBusy();
    cancel.abort(reason);
    await expect(running).rejects.toBe(reason);
    await isIdle();

    const leave = new AbortController();
    const execution = session.execute('print("runs", flush=True)\nwhile True: pass', { signal: leave.signal });
    const read = async () => {
      for await (const event of execution) if (event.type === 'stdout') leave.abort(reason);
    };
    await expect(read()).rejects.toBe(reason);
    await isIdle();
    expect(() => session.execute('1', { signal: leave.signal })).toThrow(reason);

    // Also where the caller leaves before the code is there, or never reads.
    for (const wait of [0, 1, 3]) {
      const early = AbortSignal.timeout(wait);
      await session.run('while True: pass', { signal: early }).catch(() => {});
      const unread = new AbortController();
      session.execute('while True: pass', { signal: unread.signal });
      setTimeout(() => unread.abort(), wait);
    }
    await session.run('"it is their turn no more"');
    await expect(session.run('1', { signal: leave.signal })).rejects.toBe(reason);
  },

  'scripts, modules and functions run with exact arguments': async ({ python }) => {
    await using session = await python.createSession();
    await session.run('open("report.py", "w").write("import sys\\nprint(__name__, sys.argv[1:])")');
    expect((await session.run({ script: 'report.py', argv: ['-v'] })).stdout).toBe("__main__ ['-v']\n");
    const timed = await session.execute({ module: 'timeit', argv: ['-n', '1', '-r', '1', 'pass'] }).result();
    expect(timed).toMatchObject({ outcome: 'EXITED', exitCode: 0 });
    expect((await session.run({ function: 'math:hypot', args: [3, 4] })).value).toBe(5);
    await session.run('def show(*args, **kwargs): return repr((args, kwargs))\nclass Thing: pass\nthing = Thing()');
    const thing = await session.get('thing');
    const shown = await session.run({
      function: 'show',
      args: [2n ** 70n, tuple(1, -0), [thing]],
      kwargs: { at: new Date(0), key: thing },
    });
    expect(shown.value).toMatch(
      /^\(\(1180591620717411303424, \(1, -0\.0\), \[<.*Thing.*>\]\), \{'at': datetime\.datetime\(1970, 1, 1, 0, 0, tzinfo=datetime\.timezone\.utc\), 'key': <.*Thing.*>\}\)$/,
    );
    const circle: unknown[] = [];
    circle.push([circle]);
    const refused = session.run({ function: 'show', args: [1, { x: [circle] }] });
    await expect(refused).rejects.toMatchObject({ reason: 'CONVERSION_FAILED' });
  },

  'the same execution id joins, and another request under it is refused': async ({ python }) => {
    await using session = await python.createSession();
    await session.run('runs = 0');
    const executionId = newId();
    const code = 'runs += 1\nruns';
    expect((await session.run(code, { executionId })).value).toBe(1);
    expect((await session.run(code, { executionId })).value).toBe(1);
    await expect(session.run('runs', { executionId })).rejects.toMatchObject({ reason: 'EXECUTION_ID_REUSED' });
  },

  'renderings of a result come where they are asked for': async ({ python }) => {
    await using session = await python.createSession();
    await session.run('class Bar:\n    def _repr_html_(self): return "<b>bar</b>"');
    const { mime, value } = await session.run('Bar()', { mimeTypes: ['text/html'] });
    expect(mime?.data).toMatchObject({ 'text/html': '<b>bar</b>' });
    expect(value.$facts.typeName).toBe('__main__.Bar');
  },
});
