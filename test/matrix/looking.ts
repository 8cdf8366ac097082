/** Scenarios: looking into a session while its code runs. */
import { expect } from 'vitest';
import { CompletenessSchema, ExecuteService } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { until } from '../support/until.ts';
import type { Client } from './client.ts';
import { follow } from './follow.ts';
import { expectRefused } from './refused.ts';
import type { Scenarios } from './stage.ts';

const { method } = ExecuteService;

/** Holds the interpreter in one call of C's for as long as nobody writes to the pipe. */
const holdAt = (path: string) => `import ctypes, os
def hold():
    os.mkfifo(${JSON.stringify(path)})
    fd = os.open(${JSON.stringify(path)}, os.O_RDWR)
    print('on', flush=True)
    ctypes.PyDLL(None).read(fd, ctypes.create_string_buffer(1), 1)
hold()`;

type Calls = NonNullable<Client['calls']>;
const callsOf = ({ calls }: Client) => calls as Calls;

/** The calls, each of which looks into the session. */
const looks = [
  (client: Client, sessionId: string) => callsOf(client).unary(method.complete, { sessionId, code: 'o', cursor: 1 }),
  (client: Client, sessionId: string) => callsOf(client).unary(method.checkComplete, { sessionId, code: 'o' }),
  (client: Client, sessionId: string) => callsOf(client).unary(method.inspect, { sessionId, code: 'o', cursor: 1 }),
  (client: Client, sessionId: string) => callsOf(client).unary(method.listVariables, { sessionId }),
  (client: Client, sessionId: string) => callsOf(client).unary(method.dumpStacks, { sessionId }),
];

/** The scenarios. */
export const looking: Scenarios = {
  'whether code is complete is told by the compiler of the session, while code runs, and nothing is run': async ({
    client,
    session,
  }) => {
    const calls = callsOf(client);
    await using own = await session();
    const endless = follow(client.execute({ sessionId: own.id, code: 'print("on", flush=True)\nwhile True: pass' }));
    await endless.first('stdout');
    const check = async (code: string) => {
      const { completeness, indent } = await calls.unary(method.checkComplete, { sessionId: own.id, code });
      return [CompletenessSchema.value[completeness]?.name.replace('COMPLETENESS_', ''), indent];
    };
    expect(await check('print("ran")')).toEqual(['COMPLETE', '']);
    expect(await check('for x in "ab":\n    if x:')).toEqual(['INCOMPLETE', '        ']);
    expect(await check('for x in "ab":\n    print(x)')).toEqual(['INCOMPLETE', '    ']);
    expect(await check('for x in "ab":\n    print(x)\n')).toEqual(['COMPLETE', '']);
    expect(await check('x = = 1')).toEqual(['INVALID', '']);
    await expect(check('x'.repeat(16385))).rejects.toMatchObject({ reason: 'INVALID_ARGUMENT' });
    await client.interrupt({ sessionId: own.id });
    expect((await endless.all).filter(({ type }) => type === 'stdout' || type === 'stderr')).toHaveLength(1);
  },
  'names, signatures, values and stacks are told while code runs': async ({ client, session }) => {
    const calls = callsOf(client);
    await using own = await session();
    const sessionId = own.id;
    const setUp = 'import os\nclass Box:\n    def pack(self, item, size=1):\n        "Puts in."\n';
    await client.run({ sessionId, code: `${setUp}box = Box(); d = {"key": [1]}` });
    const endless = follow(client.execute({ sessionId, code: 'print("on", flush=True)\nwhile True: pass' }));
    await endless.first('stdout');

    expect(await calls.unary(method.complete, { sessionId, code: '"𝒳" + box.pa', cursor: 12 })).toMatchObject({
      matches: [{ text: 'pack', kind: 'function', signature: '(item, size=1)' }],
      start: 10,
      end: 12,
      omitted: 0,
    });
    const keys = await calls.unary(method.complete, { sessionId, code: 'd["', cursor: 3 });
    expect(keys.matches).toMatchObject([{ text: 'key', kind: 'key' }]);
    expect(await calls.unary(method.inspect, { sessionId, code: 'box.pack', cursor: 8 })).toMatchObject({
      found: true,
      name: 'pack',
      typeName: 'function',
      signature: '(item, size=1)',
      documentation: 'Puts in.',
      file: '<cell 1>',
    });
    expect(await calls.unary(method.inspect, { sessionId, code: 'nobody', cursor: 6 })).toMatchObject({ found: false });
    const { variables, omitted } = await calls.unary(method.listVariables, { sessionId });
    expect(omitted).toBe(0);
    expect(variables.map(({ name, typeName, preview }) => [name, typeName, preview])).toEqual([
      ['os', 'module', '<module os>'],
      ['Box', 'type', '<class __main__.Box>'],
      ['box', '__main__.Box', '<__main__.Box object>'],
      ['d', 'dict', "{'key': [1]}"],
    ]);
    const stacks = await calls.unary(method.dumpStacks, { sessionId });
    expect(stacks.interpreterHeld).toBe(false);
    const frames = [{ file: '<cell 2>', line: 2, function: '<module>', source: 'while True: pass' }];
    expect(stacks.threads).toMatchObject([{ threadName: 'MainThread', mainThread: true, frames }]);

    await client.interrupt({ sessionId });
    expect((await endless.all).at(-1)).toMatchObject({ outcome: 'INTERRUPTED', stoppedBy: 'INTERRUPT' });
  },

  'C code that holds the interpreter is reported, and other questions are refused meanwhile': async (stage) => {
    const { client, session, gate } = stage;
    await using own = await session();
    const held = follow(client.execute({ sessionId: own.id, code: holdAt(gate().path) }));
    await held.first('stdout');
    let stacks = await callsOf(client).unary(method.dumpStacks, { sessionId: own.id });
    await until('C code holds the interpreter', async () => {
      stacks = await callsOf(client).unary(method.dumpStacks, { sessionId: own.id });
      return stacks.interpreterHeld;
    });
    const frames = [{ function: '<module>' }, { function: 'hold', line: 6 }];
    expect(stacks.threads[0]).toMatchObject({ mainThread: true, frames });
    const refusal = { reason: 'SESSION_UNRESPONSIVE', code: 14, http: 503 };
    const asked = callsOf(client).unary(method.complete, { sessionId: own.id, code: 'o', cursor: 1 });
    expect((await expectRefused(stage, asked, refusal)).message).toContain('called in hold (<cell 1>, line 6)');
    await client.interrupt({ sessionId: own.id }, { kill: true });
    await held.all;
    expect((await callsOf(client).unary(method.listVariables, { sessionId: own.id })).variables).toEqual([]);
  },

  'nobody looks into sessions of others, nor into those that have ended': async (stage) => {
    const { client, as } = stage;
    const { id } = await client.createSession();
    const absent = { reason: 'SESSION_NOT_FOUND', code: 5, http: 404 };
    for (const look of looks) {
      await expectRefused(stage, look(as('ann'), id), absent);
      await expectRefused(stage, look(as('bob'), ''), absent);
    }
    const invalid = { reason: 'INVALID_ARGUMENT', code: 3, http: 400 };
    const beyond = { sessionId: id, code: '𝒳', cursor: 2 };
    await expectRefused(stage, callsOf(client).unary(method.complete, beyond), invalid);
    await expectRefused(stage, callsOf(client).unary(method.inspect, beyond), invalid);
    await client.closeSession(id);
    const closed = { reason: 'SESSION_CLOSED', code: 9, http: 410 };
    for (const look of looks) await expectRefused(stage, look(client, id), closed);
  },

  'looking moves no expiry': async ({ client, session }) => {
    await using own = await session();
    for (const look of looks) await look(client, own.id);
    expect((await client.getSession(own.id)).expiresAt).toBe(own.expiresAt);
  },

  'the default session needs no name': async ({ as }) => {
    const client = as('lonely');
    await client.run({ code: 'of_the_lonely = 1' });
    const { matches } = await callsOf(client).unary(method.complete, { code: 'of_the', cursor: 6 });
    expect(matches.map(({ text }) => text)).toEqual(['of_the_lonely']);
    const { variables } = await callsOf(client).unary(method.listVariables, {});
    expect(variables.map(({ name }) => name)).toContain('of_the_lonely');
  },
};
