/** What a request can ask for beside running code, by the public messages over native gRPC. */
import { randomUUID } from 'node:crypto';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type ExecuteRequest,
  ExecuteRequestSchema,
  type ExecutionEvent,
  ExecutionState,
  Outcome,
  StopRung,
  WhenBehind,
} from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { ResultForm, type ResultPolicySchema } from '../../src/gen/es/beep/python/v1/value_pb.ts';
import { ErrorInfoSchema } from '../../src/gen/es/google/rpc/error_details_pb.ts';
import { peakMemoryBytes } from '../hostile/memory.ts';
import { durationOf } from '../matrix/messages.ts';
import { createExecuteClient } from '../support/execute-client.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

const maxQueuedItems = 3;

let gateway: TestGateway;
let client: ReturnType<typeof createExecuteClient>;
beforeAll(async () => {
  gateway = await startGateway({ flags: ['--max-queued-items', String(maxQueuedItems)] });
  client = createExecuteClient(gateway);
});
afterAll(() => gateway.stop());

type Rest = Partial<
  Pick<
    ExecuteRequest,
    | 'argv'
    | 'cwd'
    | 'env'
    | 'executionId'
    | 'generation'
    | 'interruptGrace'
    | 'maxOutputBytes'
    | 'queueTimeout'
    | 'stdin'
    | 'whenBehind'
  >
> & { result?: MessageInitShape<typeof ResultPolicySchema> };

/** A request for a fresh session, or the session named. */
function request(code: string, rest: Rest = {}, sessionId?: string) {
  return create(ExecuteRequestSchema, {
    ...rest,
    source: { case: 'code', value: code },
    where: sessionId === undefined ? { case: 'fresh', value: {} } : { case: 'sessionId', value: sessionId },
  });
}

async function openSession() {
  const { id } = await client.createSession({});
  return { id, [Symbol.asyncDispose]: async () => void (await client.closeSession({ sessionId: id })) };
}

async function reasonOf(call: Promise<unknown>): Promise<string | undefined> {
  return await call.then(
    () => 'it was not refused',
    (error) => ConnectError.from(error).findDetails(ErrorInfoSchema)[0]?.reason,
  );
}

/** Runs in the background; resolves when the code has written something. */
async function begin(code: string, rest: Rest, sessionId: string) {
  const events = client.execute(request(code, rest, sessionId))[Symbol.asyncIterator]();
  for (let next = await events.next(); next.value?.body.case !== 'output'; next = await events.next()) {
    if (next.done) throw new Error('it ended without a word');
  }
  const ended = (async () => {
    let last: ExecutionEvent | undefined;
    for (let next = await events.next(); !next.done; next = await events.next()) last = next.value;
    return last;
  })();
  return { ended };
}

const wait = 'import time\nprint("up")\nwhile True: time.sleep(0.01)';

test('output beyond the bound asked for stops the code', async () => {
  await using session = await openSession();
  const code = 'x = 1\nwhile True: print("y" * 1000)';
  const result = await client.run(request(code, { maxOutputBytes: 100_000n }, session.id));
  expect(result.finished).toMatchObject({ outcome: Outcome.OUTPUT_LIMIT, statePreserved: true });
  expect(result.finished?.message).toContain('100000');
  expect((await client.run(request('x', {}, session.id))).text).toBe('1');
});

test('the bound of a session holds for executions that name none', async () => {
  const { id } = await client.createSession({ spec: { limits: { outputBytes: 50_000n, runTime: durationOf(0.2) } } });
  const flood = await client.run(request('while True: print("y" * 1000)', {}, id));
  expect(flood.finished?.outcome).toBe(Outcome.OUTPUT_LIMIT);
  const spin = await client.run(request('while True: pass', {}, id));
  expect(spin.finished?.outcome).toBe(Outcome.TIMEOUT);
  await client.closeSession({ sessionId: id });
});

test('one that waits longer than its queue timeout ends without having run', async () => {
  await using session = await openSession();
  const running = await begin(wait, {}, session.id);
  const waited = await client.run(request('print("no")', { queueTimeout: durationOf(0.1) }, session.id));
  expect(waited.finished).toMatchObject({ outcome: Outcome.TIMEOUT, statePreserved: true });
  expect(waited.stdout).toBe('');
  await client.interrupt({ sessionId: session.id });
  await running.ended;
});

test('beyond its bound a queue is full, and says when to come back', async () => {
  await using session = await openSession();
  const running = await begin(wait, {}, session.id);
  const waiting = Array.from({ length: maxQueuedItems }, (_, i) => client.run(request(`${i}`, {}, session.id)));
  await until('all of them wait', async () => {
    return (await client.getSession({ sessionId: session.id })).queuedItems === maxQueuedItems;
  });
  const refused = await client.run(request('0', {}, session.id)).catch(ConnectError.from);
  expect(refused).toMatchObject({ code: 8 });
  expect((refused as ConnectError).findDetails(ErrorInfoSchema)[0]?.reason).toBe('QUEUE_FULL');
  await client.interrupt({ sessionId: session.id });
  await running.ended;
  expect((await Promise.all(waiting)).map(({ text }) => text)).toEqual(['0', '1', '2']);
});

test('one that counts on state that is lost is refused', async () => {
  await using session = await openSession();
  expect((await client.run(request('1', { generation: 1 }, session.id))).text).toBe('1');
  await client.run(request('import os; os._exit(0)', {}, session.id));
  expect(await reasonOf(client.run(request('1', { generation: 1 }, session.id)))).toBe('STALE_GENERATION');
  expect((await client.run(request('2', { generation: 2 }, session.id))).text).toBe('2');
});

test('the grace that an execution names is the time that it gets', async () => {
  await using session = await openSession();
  const deaf =
    'import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nprint("up")\nwhile True:\n    try:\n        while True: pass\n    except KeyboardInterrupt: pass';
  const running = await begin(deaf, { interruptGrace: durationOf(0.1) }, session.id);
  const { stoppedBy } = await client.interrupt({ sessionId: session.id });
  expect(stoppedBy).toBe(StopRung.KILL);
  expect((await running.ended)?.body).toMatchObject({ case: 'finished', value: { outcome: Outcome.INTERRUPTED } });
});

test('a result comes in the form asked for', async () => {
  await using session = await openSession();
  const run = (code: string, result: Rest['result']) => client.run(request(code, { result }, session.id));
  const none = await run('[1]', { form: ResultForm.NONE });
  expect([none.text, none.value]).toEqual(['', undefined]);
  expect((await run('[1]', { form: ResultForm.VALUE })).value?.kind).toEqual({ case: 'json', value: '[1]' });
  expect((await run('"x" * 100', { maxInlineBytes: 99 })).value?.kind.case).toBe('object');
  expect((await run('1', { form: ResultForm.HANDLE })).value?.kind.case).toBe('object');
  const both = await run('1', { form: ResultForm.BOTH });
  expect(both.value?.kind).toEqual({ case: 'integer', value: 1n });
  expect(both.handle).toMatchObject({ typeName: 'int', sessionId: session.id, generation: 1 });
  expect((await run('"x" * 100', { maxInlineBytes: 100 })).value?.kind.case).toBe('text');
  const shows = 'type("Shown", (), {"_repr_html_": lambda self: "<b>x</b>"})()';
  expect((await run(shows, { mimeTypes: ['text/html'] })).mime?.parts['text/html']?.content).toEqual({
    case: 'text',
    value: '<b>x</b>',
  });
  expect((await run(shows, {})).mime).toBe(undefined);
});

test('code and values of megabytes pass whole; a value that no message has room for stays where it is', async () => {
  await using session = await openSession();
  const text = 'x'.repeat(12 * 1024 * 1024);
  expect((await client.run(request(`len("${text}")`, {}, session.id))).text).toBe(String(text.length));
  const large = (bytes: number) =>
    client.run(request(`"y" * ${bytes}`, { result: { maxInlineBytes: 2 ** 30 } }, session.id));
  const whole = await large(7 * 1024 * 1024);
  expect(whole.value?.kind.case).toBe('text');
  expect(String(whole.value?.kind.value).length).toBe(7 * 1024 * 1024);
  for (const bytes of [9, 17, 100].map((mebibytes) => mebibytes * 1024 * 1024)) {
    const { value, finished } = await large(bytes);
    expect(value?.kind).toMatchObject({ case: 'object', value: { text: `str of ${bytes}` } });
    expect(finished).toMatchObject({ outcome: Outcome.OK, statePreserved: true });
  }
});

test('what is displayed comes between what is printed', async () => {
  const cases: (string | undefined)[] = [];
  const code = 'print("a", flush=True)\ndisplay("shown")\nprint("b")\nclear_output()\nend = print("c")';
  for await (const { body } of client.execute(request(code))) cases.push(body.case);
  expect(cases).toEqual(['accepted', 'started', 'output', 'display', 'output', 'clearOutput', 'output', 'finished']);
});

test('a caller who does not read holds the code up; another one who watches is told what is gone', async () => {
  await using session = await openSession();
  const executionId = randomUUID();
  const megabytes = 120; // more than its log has room for
  const code = `for i in range(${megabytes}): print("x" * (2**20 - 1))\n"end"`;
  const slow = client.execute(request(code, { executionId }, session.id))[Symbol.asyncIterator]();
  await slow.next();
  const before = peakMemoryBytes(gateway.pid);
  // It cannot get to its end: nobody takes what it writes.
  const stuck = await client.getExecution({ executionId, wait: durationOf(1) });
  expect(stuck.state).toBe(ExecutionState.RUNNING);
  expect(peakMemoryBytes(gateway.pid) - before, 'what waits lies in the session, not here').toBeLessThan(24 * 2 ** 20);
  let bytes = 0;
  let last: ExecutionEvent | undefined;
  for (let next = await slow.next(); !next.done; next = await slow.next()) {
    last = next.value;
    if (last?.body.case === 'output') bytes += last.body.value.data.length;
  }
  expect(bytes).toBe(megabytes * 2 ** 20);
  expect(last?.body).toMatchObject({ case: 'finished', value: { outcome: Outcome.OK } });
  const seqs: bigint[] = [];
  let dropped: ExecutionEvent['body'] | undefined;
  for await (const { body, seq } of client.watchExecution({ executionId, fromSeq: 1n })) {
    seqs.push(seq);
    if (body.case === 'dropped') dropped = body;
  }
  expect(dropped).toMatchObject({ case: 'dropped', value: { firstSeq: 1n, lastSeq: seqs[0] } });
  expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] as bigint) + BigInt(i)));
});

test('a caller who would rather miss some does not hold it up', async () => {
  await using session = await openSession();
  const executionId = randomUUID();
  const code = 'for i in range(120): print("x" * (2**20 - 1))\n"end"';
  const slow = client.execute(request(code, { executionId, whenBehind: WhenBehind.DROP }, session.id));
  const reading = slow[Symbol.asyncIterator]();
  await reading.next();
  const info = await client.getExecution({ executionId, wait: durationOf(20) });
  expect(info.result).toMatchObject({ text: "'end'", finished: { outcome: Outcome.OK } });
  const cases: (string | undefined)[] = [];
  for (let next = await reading.next(); !next.done; next = await reading.next()) cases.push(next.value.body.case);
  expect(cases).toContain('dropped');
  expect(cases.slice(-2)).toEqual(['result', 'finished']);
});

test('output between executions belongs to the next one', async () => {
  await using session = await openSession();
  const code =
    'import threading, time\ngo = threading.Event()\nthreading.Thread(target=lambda: (go.wait(), print("late"))).start()';
  await client.run(request(code, {}, session.id));
  const { stdout } = await client.run(request('go.set()\ntime.sleep(0.05)\nprint("own")', {}, session.id));
  expect(stdout.split('\n').toSorted()).toEqual(['', 'late', 'own']);
});

test('a deadline of the call stops the code like a caller who leaves', async () => {
  await using session = await openSession();
  const executionId = randomUUID();
  const late = client.run(request('x = 3\nwhile True: pass', { executionId }, session.id), { timeoutMs: 300 });
  expect(ConnectError.from(await late.catch((error) => error)).code).toBe(4);
  const { result } = await client.getExecution({ executionId, wait: durationOf(20) });
  expect(result?.finished).toMatchObject({ outcome: Outcome.CANCELLED, statePreserved: true });
  expect((await client.run(request('x', {}, session.id))).text).toBe('3');
});
