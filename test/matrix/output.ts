/** Scenarios: what code writes. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { collect, expectWellFormed, follow, output } from './follow.ts';
import { expectRefused } from './refused.ts';
import type { Scenarios } from './stage.ts';

/** The scenarios. */
export const outputs: Scenarios = {
  'output comes while the code runs': async ({ client, gate }) => {
    const go = gate();
    const reading = follow(client.execute({ fresh: true, code: `print('first')\n${go.wait}print('second')` }));
    // The code goes on only once its first line is here.
    expect(String((await reading.first('stdout')).data)).toBe('first\n');
    go.open();
    const events = await reading.all;
    expectWellFormed(events);
    expect(String(output(events, 'stdout'))).toBe('first\nsecond\n');
  },

  'a line that has not ended comes too': async ({ client, gate }) => {
    const go = gate();
    const reading = follow(client.execute({ fresh: true, code: `print('50 %', end='')\n${go.wait}` }));
    expect(String((await reading.first('stdout')).data)).toBe('50 %');
    go.open();
    expectWellFormed(await reading.all);
  },

  'stdout and stderr keep their order, each with its own offsets': async ({ client }) => {
    const code = [
      'import sys',
      'print("one")',
      'print("two", file=sys.stderr)',
      'print("three")',
      'print("four", file=sys.stderr)',
    ].join('\n');
    const events = await collect(client.execute({ fresh: true, code }));
    expectWellFormed(events);
    const written = events.flatMap((event) =>
      event.type === 'stdout' || event.type === 'stderr' ? [[event.type, String(event.data), event.offset]] : [],
    );
    expect(written).toEqual([
      ['stdout', 'one\n', 0],
      ['stderr', 'two\n', 0],
      ['stdout', 'three\n', 4],
      ['stderr', 'four\n', 4],
    ]);
    expect(events.at(-1)).toMatchObject({ stdoutBytes: 10, stderrBytes: 9 });
  },

  'output of C code and of child processes is seen': async ({ client }) => {
    const code = [
      'import ctypes, os, subprocess, sys',
      'os.write(1, b"written\\n")',
      'libc = ctypes.CDLL(None)',
      'libc.puts(b"from C")',
      'libc.fflush(None)',
      'os.system("echo shell; echo complaint >&2")',
      'subprocess.run([sys.executable, "-c", "print(6 * 7)"], check=True)',
      'None',
    ].join('\n');
    const result = await client.run({ fresh: true, code });
    expect(result).toMatchObject({ outcome: 'OK', stdout: 'written\nfrom C\nshell\n42\n', stderr: 'complaint\n' });
  },

  'bytes that are no text arrive as they are': async ({ client, session }) => {
    await using own = await session();
    const code = 'import os\nos.write(1, bytes(range(256)))\nNone';
    const events = await collect(client.execute({ sessionId: own.id, code }));
    expect(output(events, 'stdout')).toEqual(Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)));
    const collected = await client.run({ sessionId: own.id, code: 'import os\nos.write(1, b"a\\xffb")\nNone' });
    expect(collected.stdout).toBe('a\ufffdb');
  },

  'output is read by stream and offset, from the end too, while the code runs and after': async ({
    client,
    gate,
    newId,
    session,
  }) => {
    await using own = await session();
    const executionId = newId();
    const go = gate();
    const code = `import os, sys\nos.write(1, b"0123456789" * 100_000)\nos.write(2, b"up")\n${go.wait}os.write(1, b"\\xffend")`;
    const running = follow(client.execute({ sessionId: own.id, executionId, code }));
    await running.first('stderr');
    const early = await client.readOutput(executionId, { stream: 'stdout', offset: -5 });
    expect(early).toEqual({ offset: 999_995, data: Buffer.from('56789') });
    go.open();
    await running.all;
    const whole = Buffer.concat([Buffer.from('0123456789'.repeat(100_000)), Buffer.from('\xffend', 'latin1')]);
    const all = await client.readOutput(executionId, { stream: 'stdout' });
    expect(all.offset).toBe(0);
    expect(all.data.equals(whole)).toBe(true);
    const part = await client.readOutput(executionId, { stream: 'stdout', offset: 123_456, length: 300_000 });
    expect(part.offset).toBe(123_456);
    expect(part.data.equals(whole.subarray(123_456, 423_456))).toBe(true);
    expect(await client.readOutput(executionId, { stream: 'stdout', offset: -6, length: 3 })).toEqual({
      offset: whole.length - 6,
      data: Buffer.from('89\xff', 'latin1'),
    });
    expect(await client.readOutput(executionId, { stream: 'stderr', offset: -1000 })).toEqual({
      offset: 0,
      data: Buffer.from('up'),
    });
    const nothing = { offset: undefined, data: Buffer.alloc(0) };
    expect(await client.readOutput(executionId, { stream: 'stdout', offset: whole.length })).toEqual(nothing);
  },

  'output of an execution that nobody knows is not found': async (stage) => {
    const { client, as, newId } = stage;
    const expected = { reason: 'EXECUTION_NOT_FOUND', code: 5, http: 404 };
    await expectRefused(stage, client.readOutput(newId(), { stream: 'stdout' }), expected);
    const executionId = newId();
    await client.run({ fresh: true, executionId, code: 'print("secret")' });
    await expectRefused(stage, as('ann').readOutput(executionId, { stream: 'stdout' }), expected);
  },

  'megabytes of output arrive whole and in order; a collected answer is cut and says by how much': async ({
    client,
    session,
  }) => {
    await using own = await session();
    const lines = 30_000;
    const code = `for i in range(${lines}): print(f"{i:099d}")`;
    const expected = Array.from({ length: lines }, (_, i) => `${String(i).padStart(99, '0')}\n`).join('');
    const events = await collect(client.execute({ sessionId: own.id, code }));
    expectWellFormed(events);
    const digest = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');
    expect(digest(output(events, 'stdout'))).toBe(digest(expected));
    expect(events.at(-1)).toMatchObject({ outcome: 'OK', stdoutBytes: expected.length });
    const result = await client.run({ sessionId: own.id, code });
    expect(result.stdout).toBe(expected.slice(0, 1024 * 1024));
    expect(result.truncatedBytes).toBe(expected.length - 1024 * 1024);
  },
};
