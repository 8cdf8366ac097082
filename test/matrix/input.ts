/** Scenarios: what code reads. */
import { expect } from 'vitest';
import type { Event } from './client.ts';
import { collect, expectWellFormed, follow, only, output } from './follow.ts';
import { expectRefused } from './refused.ts';
import type { Scenarios } from './stage.ts';

const notExpected = { reason: 'INPUT_NOT_EXPECTED', code: 9, http: 409 };
const question = (events: readonly Event[]) => events.filter((event) => event.type === 'inputRequest');

/** The scenarios. */
export const inputs: Scenarios = {
  'without input the code is told that there is none': async ({ client, session }) => {
    await using own = await session();
    const result = await client.run({ sessionId: own.id, code: 'input("name? ")' });
    expect(result).toMatchObject({ outcome: 'ERROR', stdout: 'name? ', error: { type: 'EOFError' } });
    expect(result.error?.message).toContain('has no input');
  },

  'preset input is read by the code and by what it starts, and is gone afterwards': async ({ client, session }) => {
    await using own = await session();
    const run = (code: string, stdin?: string) =>
      client.run({ sessionId: own.id, code, ...(stdin !== undefined && { stdin }) });
    expect((await run('[input("? "), input()]', 'Zoë\n2')).value?.text).toBe('["Zoë","2"]');
    expect((await run('import sys; len(sys.stdin.read())', 'x\n'.repeat(500_000))).value?.text).toBe('1000000');
    const children = await run('import os, subprocess\nsubprocess.run(["cat"])\nos.system("wc -c")', 'all of it\n');
    expect(children.stdout.split('\n').map((line) => line.trim())).toEqual(['all of it', '0', '']);
    expect((await run('input(); input()', 'one\n')).error).toMatchObject({ type: 'EOFError' });
    expect((await run('sys.stdin.read() + subprocess.run(["cat"], capture_output=True, text=True).stdout')).text).toBe(
      "''",
    );
  },

  'a question is an event, and the answer to it goes to the code': async (stage) => {
    const { client, newId, session } = stage;
    await using own = await session();
    const executionId = newId();
    const code = 'import getpass\n[input("name? "), getpass.getpass("PIN: "), input()]';
    const reading = follow(client.execute({ sessionId: own.id, executionId, code, interactive: true }));
    expect(await reading.first('inputRequest')).toMatchObject({ requestId: 1, prompt: 'name? ', password: false });
    await expectRefused(stage, client.sendInput(executionId, { text: 'x\n', requestId: 2 }), notExpected);
    await client.sendInput(executionId, { text: 'Zoë\n', requestId: 1 });
    await expectRefused(stage, client.sendInput(executionId, { text: 'x\n', requestId: 1 }), notExpected);
    await client.sendInput(executionId, { text: '1234\nlast\n' });
    const events = await reading.all;
    expectWellFormed(events);
    expect(question(events).slice(1)).toMatchObject(
      [{ requestId: 2, prompt: 'PIN: ', password: true }].slice(0, question(events).length - 1),
    );
    expect(only(events, 'result').text).toBe("['Zoë', '1234', 'last']");
    expect(String(output(events, 'stdout'))).toBe('name? ');
    await expectRefused(stage, client.sendInput(executionId, { text: 'x\n' }), notExpected);
    expect(await collect(client.watch(executionId, 1))).toEqual(events);
  },

  'input that comes before the code asks is kept, up to a bound': async (stage) => {
    const { client, gate, newId, session } = stage;
    await using own = await session();
    const [executionId, go] = [newId(), gate()];
    const code = `print("up")\n${go.wait}import sys\n[input(), len(sys.stdin.read())]`;
    const reading = follow(client.execute({ sessionId: own.id, executionId, code, interactive: true }));
    await reading.first('stdout');
    await client.sendInput(executionId, { text: 'early\n' });
    const rest = 'x'.repeat(60_000);
    await client.sendInput(executionId, { text: rest });
    const full = { reason: 'QUOTA_EXCEEDED', code: 8, http: 429 };
    await expectRefused(stage, client.sendInput(executionId, { text: rest }), full);
    await client.sendInput(executionId, { eof: true });
    await expectRefused(stage, client.sendInput(executionId, { text: 'x' }), notExpected);
    go.open();
    const events = await reading.all;
    expect(question(events)).toEqual([]);
    expect(only(events, 'result').text).toBe("['early', 60000]");
  },

  'a hundred lines, asked for one by one, between prints and displays, in order': async ({
    client,
    newId,
    session,
  }) => {
    await using own = await session();
    const executionId = newId();
    const code = 'for i in range(100):\n    print("?", i)\n    line = input()\n    display(i)\n    print("!", line)';
    const events: Event[] = [];
    for await (const event of client.execute({ sessionId: own.id, executionId, code, interactive: true })) {
      events.push(event);
      if (event.type === 'inputRequest')
        await client.sendInput(executionId, { text: `line ${event.requestId}\n`, requestId: event.requestId });
    }
    expectWellFormed(events);
    const seen = events.map((event) => (event.type === 'stdout' ? String(event.data) : `<${event.type}>`)).join('');
    const round = (_: unknown, i: number) => `? ${i}\n<inputRequest><display>! line ${i + 1}\n`;
    expect(seen).toBe(`<accepted><started>${Array.from({ length: 100 }, round).join('')}<finished>`);
  },

  'input that nobody can take is refused': async (stage) => {
    const { client, as, gate, newId, session } = stage;
    await using own = await session();
    const unknown = { reason: 'EXECUTION_NOT_FOUND', code: 5, http: 404 };
    await expectRefused(stage, client.sendInput(newId(), { text: 'x\n' }), unknown);
    for (const request of [{}, { stdin: 'preset\n' }]) {
      const [executionId, go] = [newId(), gate()];
      const code = `print("up")\n${go.wait}`;
      const reading = follow(client.execute({ sessionId: own.id, executionId, code, ...request }));
      await reading.first('stdout');
      await expectRefused(stage, client.sendInput(executionId, { text: 'x\n' }), notExpected);
      go.open();
      await reading.all;
    }
    const executionId = newId();
    const reading = follow(client.execute({ sessionId: own.id, executionId, code: 'input()', interactive: true }));
    await reading.first('inputRequest');
    await expectRefused(stage, as('ann').sendInput(executionId, { text: 'x\n' }), unknown);
    const invalid = { reason: 'INVALID_ARGUMENT', code: 3, http: 400 };
    await expectRefused(stage, client.sendInput(executionId, {}), invalid);
    await client.sendInput(executionId, { text: 'mine\n' });
    expect(only(await reading.all, 'result').text).toBe("'mine'");
    await expectRefused(stage, client.run({ code: '1', stdin: 'x', interactive: true }), invalid);
  },

  'an interrupt, a timeout and a caller who leaves end the wait and keep the variables': async ({
    client,
    newId,
    session,
  }) => {
    await using own = await session();
    const code = 'x = globals().get("x", 0) + 1\ninput()';
    const interactive = { sessionId: own.id, code, interactive: true };
    const reading = follow(client.execute(interactive));
    await reading.first('inputRequest');
    expect(await client.interrupt({ sessionId: own.id })).toEqual({ stoppedBy: 'INTERRUPT', statePreserved: true });
    expect((await reading.all).at(-1)).toMatchObject({ outcome: 'INTERRUPTED', statePreserved: true });
    expect(await client.run({ ...interactive, timeoutSeconds: 0.2 })).toMatchObject({
      outcome: 'TIMEOUT',
      statePreserved: true,
    });
    const leaving = new AbortController();
    const executionId = newId();
    const left = follow(client.execute({ ...interactive, executionId }, { signal: leaving.signal }));
    await left.first('inputRequest');
    leaving.abort();
    await expect(left.all).rejects.toThrow();
    const { result } = await client.get(executionId, 20);
    expect(result).toMatchObject({ outcome: 'CANCELLED', statePreserved: true });
    expect(await client.run({ sessionId: own.id, code: 'x' })).toMatchObject({ value: { text: '3' }, generation: 1 });
  },

  'code that was left alone waits for whoever answers': async ({ client, newId, session }) => {
    await using own = await session();
    const executionId = newId();
    const request = { sessionId: own.id, executionId, code: 'input("who? ")', interactive: true, detach: true };
    for await (const event of client.execute(request)) if (event.type === 'inputRequest') break;
    const watching = follow(client.watch(executionId, 1));
    const { requestId } = await watching.first('inputRequest');
    await client.sendInput(executionId, { text: 'me\n', requestId });
    expect(only(await watching.all, 'result').text).toBe("'me'");
  },
};
