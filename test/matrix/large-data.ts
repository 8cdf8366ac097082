/** Scenarios: large data both ways. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { until } from '../support/until.ts';
import type { ObjectRead, ObjectWritten } from './client.ts';
import { CallFailed } from './client.ts';
import { expectRefused } from './refused.ts';
import type { Scenarios, Stage } from './stage.ts';

const mebibyte = 1024 * 1024;

/** The scenarios for every transport. The stage's default environment has no numpy. */
export const largeData: Scenarios = {
  'bytes come back as they were written, whatever their portions were': async (stage) => {
    await using own = await stage.session();
    const data = bytesOf(3 * mebibyte + 17);
    const portions = [0, 1, 5, 700_000, 1_000_000, 2_000_000, data.length];
    const written = await stage.client.writeObject({ sessionId: own.id }, cutAt(data, portions));
    expect(written).toEqual({ handleId: expect.any(String), typeName: 'bytes', receivedBytes: data.length });
    const read = await stage.client.readObject({ sessionId: own.id, handleId: idOf(written) });
    expect(read).toMatchObject({ dtype: undefined, shape: undefined, offset: 0 });
    expect((await all(read)).equals(data)).toBe(true);
  },

  'what is written can have a name, and code uses it': async (stage) => {
    await using own = await stage.session();
    const data = bytesOf(mebibyte);
    await stage.client.writeObject({ sessionId: own.id, assignTo: 'data' }, cutAt(data, [data.length]));
    const code = 'import hashlib; type(data).__name__, hashlib.sha256(data).hexdigest()';
    const { value } = await stage.client.run({ sessionId: own.id, code });
    const digest = createHash('sha256').update(data).digest('hex');
    expect(value?.text).toBe(`{"$tuple":["bytes","${digest}"]}`);
    const unnamed = { reason: 'INVALID_ARGUMENT', code: 3, http: 400 };
    const wrong = stage.client.writeObject({ sessionId: own.id, assignTo: 'no name' }, cutAt(data, [data.length]));
    await expectRefused(stage, wrong, unnamed);
  },

  'nothing at all is an object, too': async (stage) => {
    await using own = await stage.session();
    const written = await stage.client.writeObject({ sessionId: own.id }, cutAt(Buffer.alloc(0), []));
    expect(written).toMatchObject({ typeName: 'bytes', receivedBytes: 0 });
    expect(await all(await stage.client.readObject({ sessionId: own.id, handleId: idOf(written) }))).toHaveLength(0);
  },

  'any part is read by itself, also from the end': async (stage) => {
    await using own = await stage.session();
    const data = bytesOf(2 * mebibyte);
    const handleId = idOf(await stage.client.writeObject({ sessionId: own.id }, cutAt(data, [data.length])));
    for (const [offset, length] of [
      [0, 1],
      [1_500_000, 100],
      [2 * mebibyte - 5, 0],
      [-7, 0],
      [1000, 10 * mebibyte],
    ] as const) {
      const part = await stage.client.readObject({ sessionId: own.id, handleId, offset, length });
      const start = offset < 0 ? data.length + offset : offset;
      expect(part.offset).toBe(start);
      const end = length === 0 ? data.length : start + length;
      expect((await all(part)).equals(data.subarray(start, end)), `${offset} ${length}`).toBe(true);
    }
  },

  'what is beyond the end is refused': async (stage) => {
    await using own = await stage.session();
    const handleId = idOf(await stage.client.writeObject({ sessionId: own.id }, cutAt(Buffer.from('abc'), [3])));
    const read = stage.client.readObject({ sessionId: own.id, handleId, offset: 4 });
    await expectRefused(stage, read, { reason: 'INVALID_ARGUMENT', code: 3, http: 416 });
  },

  'texts, byte arrays, arrays and memoryviews are read; what has no bytes is refused by its type': async (stage) => {
    await using own = await stage.session();
    for (const [expression, dtype, expected] of [
      ['"grüße"', undefined, Buffer.from('grüße')],
      ['bytearray(b"abc")', undefined, Buffer.from('abc')],
      ['memoryview(b"abcdef")[::2]', undefined, Buffer.from('ace')],
      ['__import__("array").array("d", [1.5, -2.0])', '<f8', Buffer.from(new Float64Array([1.5, -2]).buffer)],
      ['memoryview(__import__("array").array("h", [1, 2]))', '<i2', Buffer.from([1, 0, 2, 0])],
    ] as const) {
      const read = await stage.client.readObject({
        sessionId: own.id,
        handleId: await handleOf(stage, own.id, expression),
      });
      expect(read.dtype, expression).toBe(dtype);
      expect((await all(read)).equals(expected), expression).toBe(true);
    }
    const refused = stage.client.readObject({ sessionId: own.id, handleId: await handleOf(stage, own.id, '1j') });
    const error = await expectRefused(stage, refused, { reason: 'CONVERSION_FAILED', code: 3, http: 422 });
    expect(error.message).toContain('complex has no bytes, columns or items');
  },

  'items are read some at a time, as far as they are wanted': async (stage) => {
    await using own = await stage.session();
    const handleId = await handleOf(stage, own.id, '(n * n for n in range(100_000))');
    const first = await stage.client.readObject({ sessionId: own.id, handleId, form: 'items', length: 3 });
    expect(String(await all(first))).toBe('0\n1\n4\n');
    const rest = await stage.client.readObject({ sessionId: own.id, handleId, form: 'items', offset: 5 });
    const lines = String(await all(rest)).split('\n');
    expect([lines.length, lines[0], lines.at(-2)]).toEqual([100_000 - 5 + 1, '25', String(99_999 ** 2)]);
    const gone = stage.client.readObject({ sessionId: own.id, handleId, form: 'items', offset: 7 });
    await expectRefused(stage, gone, { reason: 'INVALID_ARGUMENT', code: 3, http: 400 });
    const list = await handleOf(stage, own.id, '["a", None, {"b": [1, 2.0]}]');
    for (let turn = 0; turn < 2; turn++) {
      const items = await stage.client.readObject({ sessionId: own.id, handleId: list, form: 'items', offset: 1 });
      expect(
        JSON.parse(
          `[${String(await all(items))
            .trim()
            .replaceAll('\n', ',')}]`,
        ),
      ).toEqual([null, { b: [1, 2] }]);
    }
  },

  'a reader who stops holds up nobody, and what was held goes with him': async (stage) => {
    await using own = await stage.session();
    const sessionId = own.id;
    await stage.client.run({ sessionId, code: 'data = bytes(16 << 20)' });
    const handleId = await handleOf(stage, sessionId, 'data');
    const leaving = new AbortController();
    const read = await stage.client.readObject({ sessionId, handleId }, { signal: leaving.signal });
    const chunks = read.chunks[Symbol.asyncIterator]();
    expect((await chunks.next()).value.length).toBeGreaterThan(0);
    // It has most of it still to send, and whoever else wants something has it.
    for (let n = 0; n < 5; n++) {
      expect((await stage.client.run({ sessionId, code: `${n} + 1` })).value?.text).toBe(String(n + 1));
    }
    const other = await stage.client.readObject({ sessionId, handleId, offset: -3 });
    expect(await all(other)).toHaveLength(3);
    leaving.abort();
    await chunks.next().catch(() => {});
    await until('nothing holds the bytes but their names', async () => {
      const { value } = await stage.client.run({ sessionId, code: 'import sys; sys.getrefcount(data)' });
      return Number(value?.text) <= 4;
    });
  },

  'a session that dies is a typed end for whoever reads and writes': async (stage) => {
    await using own = await stage.session();
    const sessionId = own.id;
    await stage.client.run({ sessionId, code: 'import os\ndata = bytes(16 << 20)' });
    const read = await stage.client.readObject({ sessionId, handleId: await handleOf(stage, sessionId, 'data') });
    const chunks = read.chunks[Symbol.asyncIterator]();
    await chunks.next();
    const gate = heldBack();
    const writing = stage.client.writeObject({ sessionId }, gate.data);
    writing.catch(() => {});
    await until('the write has begun', async () => (await halves(stage, sessionId)) === 1);
    expect(await stage.client.run({ sessionId, code: 'os._exit(1)' })).toMatchObject({ outcome: 'EXITED' });
    gate.goOn();
    const lost = { reason: 'STALE_GENERATION', code: 10, http: 409 };
    await expectRefused(stage, writing, lost);
    const failure = await drained(chunks).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CallFailed);
    if (!stage.isPlain) expect(failure).toMatchObject({ reason: 'STALE_GENERATION', code: 10 });
    expect((await stage.client.run({ sessionId, code: '1' })).value?.text).toBe('1');
  },

  'a write that breaks off leaves nothing': async (stage) => {
    await using own = await stage.session();
    const sessionId = own.id;
    for (const leave of [true, false]) {
      const gate = heldBack();
      const leaving = new AbortController();
      const what = { sessionId, assignTo: 'half', ...(!leave && !stage.isPlain && { totalBytes: 8 * mebibyte }) };
      const writing = stage.client.writeObject(what, gate.data, { signal: leaving.signal });
      writing.catch(() => {});
      await until('the write has begun', async () => (await halves(stage, sessionId)) === 1);
      if (leave || stage.isPlain) {
        leaving.abort();
        await expect(writing).rejects.toBeInstanceOf(CallFailed);
      } else {
        gate.goOn();
        const error = await expectRefused(stage, writing, { reason: 'INVALID_ARGUMENT', code: 3, http: 400 });
        expect(error.message).toContain(`of ${8 * mebibyte}; nothing of it was kept`);
      }
    }
    await until('nothing is held of it', async () => (await halves(stage, sessionId)) === 0);
    expect((await stage.client.run({ sessionId, code: '"half" in globals()' })).value?.text).toBe('false');
  },

  'a write that has a name is gone on with, and is done once': async (stage) => {
    await using own = await stage.session();
    const sessionId = own.id;
    const data = bytesOf(4 * mebibyte);
    const what = { sessionId, writeId: stage.newId(), totalBytes: data.length, assignTo: 'whole' };
    const leaving = new AbortController();
    const sent = Promise.withResolvers<void>();
    const half = (async function* () {
      yield data.subarray(0, mebibyte);
      sent.resolve();
      await new Promise(() => {});
    })();
    const broken = stage.client.writeObject(what, half, { signal: leaving.signal });
    broken.catch(() => {});
    const soFar = () => stage.client.writeObject(what, cutAt(data, []));
    await sent.promise;
    leaving.abort();
    await expect(broken).rejects.toBeInstanceOf(CallFailed);
    const { receivedBytes, handleId } = await soFar();
    expect(handleId).toBeUndefined();
    expect(receivedBytes).toBeLessThanOrEqual(mebibyte);
    const beyond = stage.client.writeObject({ ...what, offset: receivedBytes + 1 }, cutAt(data, []));
    await expectRefused(stage, beyond, { reason: 'INVALID_ARGUMENT', code: 3, http: 400 });
    const rest = { ...what, offset: receivedBytes };
    const done = await stage.client.writeObject(rest, cutAt(data.subarray(receivedBytes), [mebibyte, data.length]));
    expect(done).toMatchObject({ typeName: 'bytes', receivedBytes: data.length });
    expect(await stage.client.writeObject(rest, cutAt(data.subarray(receivedBytes), [mebibyte]))).toEqual(done);
    const digest = createHash('sha256').update(data).digest('hex');
    const code = 'import hashlib; hashlib.sha256(whole).hexdigest()';
    expect((await stage.client.run({ sessionId, code })).value?.text).toBe(`"${digest}"`);
    const other = stage.client.writeObject({ ...what, totalBytes: 5 }, cutAt(data, []));
    await expectRefused(stage, other, { reason: 'IDEMPOTENCY_KEY_REUSED', code: 6, http: 409 });
  },

  'stale handles, other sessions and other principals are refused': async (stage) => {
    const own = await stage.client.createSession();
    await using another = await stage.session();
    const handleId = await handleOf(stage, own.id, 'b"abc"');
    const stale = { reason: 'STALE_HANDLE', code: 9, http: 409 };
    await expectRefused(stage, stage.client.readObject({ sessionId: another.id, handleId }), stale);
    const notFound = { reason: 'HANDLE_NOT_FOUND', code: 5, http: 404 };
    await expectRefused(stage, stage.client.readObject({ sessionId: own.id, handleId: 'nonsense' }), notFound);
    const ann = { ...stage, client: stage.as('ann') };
    const noSession = { reason: 'SESSION_NOT_FOUND', code: 5, http: 404 };
    await expectRefused(ann, ann.client.readObject({ sessionId: own.id, handleId }), noSession);
    await expectRefused(ann, ann.client.writeObject({ sessionId: own.id }, cutAt(Buffer.from('x'), [1])), noSession);
    await stage.client.closeSession(own.id);
    const closed = { reason: 'SESSION_CLOSED', code: 9, http: 410 };
    await expectRefused(stage, stage.client.readObject({ sessionId: own.id, handleId }), closed);
  },
};

function handleOf({ client }: Stage, sessionId: string, expression: string): Promise<string> {
  return client.hold(sessionId, expression);
}

/** How many objects are being written. */
async function halves({ client }: Stage, sessionId: string): Promise<number> {
  const code = 'import gc; sum(type(each).__name__ == "_Bytes" for each in gc.get_objects())';
  return Number((await client.run({ sessionId, code })).value?.text);
}

function idOf({ handleId }: ObjectWritten): string {
  if (handleId === undefined) throw new Error('nothing was made');
  return handleId;
}

/** Bytes that repeat nowhere near. */
function bytesOf(length: number): Buffer {
  const data = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) data[i] = (i * 7 + (i >> 8) * 13 + (i >> 16)) & 255;
  return data;
}

async function* cutAt(data: Uint8Array, ends: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const end of ends) {
    yield data.subarray(start, end);
    start = end;
  }
  if (ends.length > 0 && start < data.length) yield data.subarray(start);
}

/** A portion, and the end when it is let. */
function heldBack() {
  const held = Promise.withResolvers<void>();
  async function* data() {
    yield bytesOf(mebibyte);
    await held.promise;
  }
  return { data: data(), goOn: held.resolve };
}

async function all({ chunks }: ObjectRead): Promise<Buffer> {
  const taken: Uint8Array[] = [];
  for await (const chunk of chunks) taken.push(Buffer.from(chunk));
  return Buffer.concat(taken);
}

async function drained(chunks: AsyncIterator<Uint8Array>): Promise<void> {
  while (!(await chunks.next()).done);
}
