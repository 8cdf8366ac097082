/** Scenarios: looking into a session while its code runs. */
import { expect } from 'vitest';
import { until } from '../support/until.ts';
import { follow } from './follow.ts';
import { expectRefused } from './refused.ts';
import type { Scenarios, Stage } from './stage.ts';

const hold = (path: string) => `import ctypes, os
def hold():
    fd = os.open(${JSON.stringify(path)}, os.O_RDWR | os.O_CREAT)
    print('on', flush=True)
    os.mkfifo(${JSON.stringify(`${path}.fifo`)})
    fd = os.open(${JSON.stringify(`${path}.fifo`)}, os.O_RDWR)
    ctypes.PyDLL(None).read(fd, ctypes.create_string_buffer(1), 1)
hold()`;

/** The calls, where the transport has them: the plain routes have none. */
function lookingOf({ client }: Stage) {
  return client.looking;
}

/** The scenarios. */
export const looking: Scenarios = {
  'names are completed and told of while code runs': async (stage) => {
    const looking = lookingOf(stage);
    if (looking === undefined) return;
    const { client, session } = stage;
    await using own = await session();
    const sessionId = own.id;
    const code = 'import os\nclass Box:\n    def pack(self, item, size=1):\n        "Puts in."\nbox = Box(); d = {"key": [1]}';
    await client.run({ sessionId, code });
    const endless = follow(client.execute({ sessionId, code: 'print("on", flush=True)\nwhile True: pass' }));
    await endless.first('stdout');

    const placed = '"𝒳" + box.pa';
    expect(await looking.complete(sessionId, placed, 11)).toEqual({
      matches: [{ text: 'pack', kind: 'function', signature: '(item, size=1)' }],
      start: 10,
      end: 11,
      omitted: 0,
    });
    const { matches } = await looking.complete(sessionId, 'd["', 3);
    expect(matches).toEqual([{ text: 'key', kind: 'key', signature: '' }]);
    expect(await looking.inspect(sessionId, 'box.pack', 8)).toMatchObject({
      found: true,
      name: 'pack',
      typeName: 'function',
      signature: '(item, size=1)',
      documentation: 'Puts in.',
      file: '<cell 1>',
    });
    expect(await looking.inspect(sessionId, 'nobody', 6)).toMatchObject({ found: false });
    const { variables, omitted } = await looking.listVariables(sessionId);
    expect(omitted).toBe(0);
    expect(variables.map(({ name, typeName, preview }) => [name, typeName, preview])).toEqual([
      ['os', 'module', '<module os>'],
      ['Box', 'type', '<class __main__.Box>'],
      ['box', '__main__.Box', '<__main__.Box object>'],
      ['d', 'dict', "{'key': [1]}"],
    ]);
    const stacks = await looking.dumpStacks(sessionId);
    expect(stacks.interpreterHeld).toBe(false);
    expect(stacks.threads).toMatchObject([
      { threadName: 'MainThread', mainThread: true, frames: [{ file: '<cell 2>', line: 2, source: 'while True: pass' }] },
    ]);
    expect((await client.getSession(sessionId)).expiresAt).toBe(own.expiresAt === 0 ? 0 : expect.any(Number));
    await client.interrupt({ sessionId });
    expect((await endless.all).at(-1)).toMatchObject({ outcome: 'INTERRUPTED' });
  },

  'C code that holds the interpreter is reported, and other questions are refused meanwhile': async (stage) => {
    const looking = lookingOf(stage);
    if (looking === undefined) return;
    const { client, session, gate } = stage;
    await using own = await session();
    const { path } = gate();
    const held = follow(client.execute({ sessionId: own.id, code: hold(path) }));
    await held.first('stdout');
    let stacks = await looking.dumpStacks(own.id);
    await until('C code holds the interpreter', async () => {
      stacks = await looking.dumpStacks(own.id);
      return stacks.interpreterHeld;
    });
    expect(stacks.threads[0]).toMatchObject({ mainThread: true, frames: [{ function: '<module>' }, { function: 'hold' }] });
    const unresponsive = { reason: 'SESSION_UNRESPONSIVE', code: 14, http: 503 };
    const { message } = await expectRefused(stage, looking.complete(own.id, 'o', 1), unresponsive);
    expect(message).toContain('called in hold (<cell 1>, line 7)');
    await client.interrupt({ sessionId: own.id }, { kill: true });
    await held.all;
    expect((await looking.listVariables(own.id)).variables).toEqual([]);
  },

  'nobody looks into sessions of others, and not into those that have ended': async (stage) => {
    const looking = lookingOf(stage);
    if (looking === undefined) return;
    const { client, as } = stage;
    const { id } = await client.createSession();
    const absent = { reason: 'SESSION_NOT_FOUND', code: 5, http: 404 };
    const closed = { reason: 'SESSION_CLOSED', code: 9, http: 410 };
    const calls = (into: NonNullable<typeof looking>, sessionId: string) => [
      () => into.complete(sessionId, 'o', 1),
      () => into.inspect(sessionId, 'o', 1),
      () => into.listVariables(sessionId),
      () => into.dumpStacks(sessionId),
    ];
    const hers = as('ann').looking as NonNullable<typeof looking>;
    for (const call of calls(hers, id)) await expectRefused(stage, call(), absent);
    for (const call of calls(as('nobody').looking as typeof hers, '')) await expectRefused(stage, call(), absent);
    const invalid = { reason: 'INVALID_ARGUMENT', code: 3, http: 400 };
    await expectRefused(stage, looking.complete(id, '𝒳', 2), invalid);
    await client.closeSession(id);
    for (const call of calls(looking, id)) await expectRefused(stage, call(), closed);
  },

  'the default session is looked into without being named': async (stage) => {
    const looking = stage.as('looker').looking;
    if (looking === undefined) return;
    await stage.as('looker').run({ code: 'of_the_looker = 1' });
    expect((await looking.complete('', 'of_the', 6)).matches.map(({ text }) => text)).toEqual(['of_the_looker']);
    const { variables } = await looking.listVariables('');
    expect(variables.map(({ name }) => name)).toContain('of_the_looker');
  },
};
