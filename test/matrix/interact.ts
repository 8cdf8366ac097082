/** Scenarios: input and interruption on the stream that brings the events. */
import { expect } from 'vitest';
import type { Client, Event, Said } from './client.ts';
import { collect, expectWellFormed, follow, only, output } from './follow.ts';
import { expectRefused } from './refused.ts';
import { speech } from './speech.ts';
import type { Scenarios, Stage } from './stage.ts';

function interact(client: Client, said: AsyncIterable<Said>, signal?: AbortSignal): AsyncIterable<Event> {
  if (client.interact === undefined) throw new Error('this transport carries one direction at a time');
  return client.interact(said, signal && { signal });
}

const refusedAs = async (stage: Stage, said: AsyncIterable<Said> & { end(): void }, reason: string, code: number) => {
  await expectRefused(stage, collect(interact(stage.client, said)), { reason, code, http: 0 });
  said.end();
};

/** The scenarios. */
export const interactions: Scenarios = {
  'questions and answers go to and fro': async ({ client, session }) => {
    await using own = await session();
    const said = speech<Said>({ execute: { sessionId: own.id, code: '[input(f"{i}? ") for i in range(50)]' } });
    const events: Event[] = [];
    for await (const event of interact(client, said)) {
      events.push(event);
      const { requestId } = event.type === 'inputRequest' ? event : { requestId: 0 };
      if (requestId > 0) said.say({ input: { text: `${requestId}\n`, requestId } });
    }
    said.end();
    expectWellFormed(events);
    expect(events.filter(({ type }) => type === 'inputRequest')).toHaveLength(50);
    expect(only(events, 'result').value?.text).toBe(JSON.stringify(Array.from({ length: 50 }, (_, i) => `${i + 1}`)));
  },

  'all may be said at once, and the end of what is said is no end of file': async ({ client, session }) => {
    await using own = await session();
    const said = speech<Said>(
      { execute: { sessionId: own.id, code: 'import sys\n[input(), input(), sys.stdin.read()]' } },
      { input: { text: 'a\n' } },
      { input: { text: 'b\nc' } },
      { input: { text: 'd', eof: true } },
    );
    said.end();
    expect(only(await collect(interact(client, said)), 'result').text).toBe("['a', 'b', 'cd']");
    const silent = speech<Said>({ execute: { sessionId: own.id, code: 'input()', timeoutSeconds: 0.2 } });
    silent.end();
    expect((await collect(interact(client, silent))).at(-1)).toMatchObject({ outcome: 'TIMEOUT' });
  },

  'more than is kept waits until the code reads': async ({ client, gate, session }) => {
    await using own = await session();
    const go = gate();
    const lines = 100;
    const code = `print("up")\n${go.wait}import sys\nsum(len(line) for line in sys.stdin)`;
    const said = speech<Said>({ execute: { sessionId: own.id, code } });
    const reading = follow(interact(client, said));
    await reading.first('stdout');
    for (let i = 0; i < lines; i++) said.say({ input: { text: `${'x'.repeat(29_999)}\n` } });
    said.say({ input: { eof: true } });
    said.end();
    go.open();
    expect(only(await reading.all, 'result').value?.text).toBe(`${lines * 30_000}`);
  },

  'an interrupt stops the code and keeps its variables; input behind it is read': async ({ client, session }) => {
    await using own = await session();
    const code =
      'x = 7\ntry: input("first")\nexcept KeyboardInterrupt: x = input("second")\nprint(x)\nwhile True: pass';
    const said = speech<Said>({ execute: { sessionId: own.id, code } });
    const events: Event[] = [];
    for await (const event of interact(client, said)) {
      events.push(event);
      if (event.type === 'inputRequest')
        said.say(event.requestId === 1 ? { interrupt: true } : { input: { text: 'read\n' } });
      else if (event.type === 'stdout' && String(event.data) === 'read\n') said.say({ interrupt: true });
    }
    said.end();
    expect(String(output(events, 'stdout'))).toBe('firstsecondread\n');
    expect(events.at(-1)).toMatchObject({ outcome: 'INTERRUPTED', statePreserved: true });
    expect((await client.run({ sessionId: own.id, code: 'x' })).value?.text).toBe('"read"');
  },

  'a running execution is joined, from its first event on, and left alone when its reader goes': async (stage) => {
    const { client, newId, session } = stage;
    await using own = await session();
    const executionId = newId();
    const code = 'a = input("a")\nb = input("b")\n[a, b]';
    const running = follow(client.execute({ sessionId: own.id, executionId, code, interactive: true }));
    const leaving = new AbortController();
    const first = speech<Said>({ join: executionId });
    const joined = follow(interact(client, first, leaving.signal));
    expect(await joined.first('accepted')).toMatchObject({ seq: 1 });
    await joined.first('inputRequest');
    first.say({ input: { text: '1\n', requestId: 1 } });
    await running.first('inputRequest');
    for await (const event of client.watch(executionId, 1))
      if (event.type === 'inputRequest' && event.requestId === 2) break;
    leaving.abort();
    await expect(joined.all).rejects.toThrow();
    first.end();
    const second = speech<Said>({ join: executionId }, { input: { text: '2\n', requestId: 2 } });
    const events = await collect(interact(client, second));
    second.end();
    expect(only(events, 'result').text).toBe("['1', '2']");
    expect(events).toEqual(await running.all);
    const late = speech<Said>({ join: executionId }, { input: { text: 'late\n' } }, { interrupt: true });
    expect(await collect(interact(client, late))).toEqual(events);
    late.end();
  },

  'a caller who leaves takes the code along': async ({ client, newId, session }) => {
    await using own = await session();
    const executionId = newId();
    const leaving = new AbortController();
    const said = speech<Said>({ execute: { sessionId: own.id, executionId, code: 'input()' } });
    const reading = follow(interact(client, said, leaving.signal));
    await reading.first('inputRequest');
    leaving.abort();
    await expect(reading.all).rejects.toThrow();
    said.end();
    expect((await client.get(executionId, 20)).result).toMatchObject({ outcome: 'CANCELLED', statePreserved: true });
  },

  'what cannot be meant ends the call': async (stage) => {
    const { client, newId, session } = stage;
    await using own = await session();
    const execute = { sessionId: own.id, code: 'input()' };
    const none = speech<Said>();
    none.end();
    await refusedAs(stage, none, 'INVALID_ARGUMENT', 3);
    await refusedAs(stage, speech<Said>({ input: { text: 'x' } }), 'INVALID_ARGUMENT', 3);
    await refusedAs(stage, speech<Said>({ execute }, { execute }), 'INVALID_ARGUMENT', 3);
    await refusedAs(stage, speech<Said>({ execute }, { input: {} }), 'INVALID_ARGUMENT', 3);
    await refusedAs(stage, speech<Said>({ execute }, { input: { text: 'x', requestId: 9 } }), 'INPUT_NOT_EXPECTED', 9);
    const preset = speech<Said>(
      { execute: { ...execute, stdin: 'x\n', code: 'while True: pass' } },
      { input: { text: 'x' } },
    );
    await refusedAs(stage, preset, 'INPUT_NOT_EXPECTED', 9);
    await refusedAs(stage, speech<Said>({ join: newId() }), 'EXECUTION_NOT_FOUND', 5);
    expect((await client.run({ sessionId: own.id, code: '1 + 1' })).value?.text).toBe('2');
  },
};
