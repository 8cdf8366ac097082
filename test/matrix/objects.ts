/** Scenarios: live objects from outside. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { expect } from 'vitest';
import { ErrorReason } from '../../src/gen/es/beep/python/v1/error_pb.ts';
import { Outcome } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import {
  type ApplyRequestSchema,
  type ConverseRequestSchema,
  type ConverseResponse,
  ObjectService,
  type OperationResult,
  type OperationSchema,
} from '../../src/gen/es/beep/python/v1/object_pb.ts';
import { type PythonValue, ResultForm } from '../../src/gen/es/beep/python/v1/value_pb.ts';
import { until } from '../support/until.ts';
import type { Calls } from './client.ts';
import { expectRefused } from './refused.ts';
import { speech } from './speech.ts';
import type { Scenarios, Stage } from './stage.ts';

type Operation = Exclude<MessageInitShape<typeof OperationSchema>, { $typeName: string }>;
type Batch = MessageInitShape<typeof ApplyRequestSchema>;
type Said = MessageInitShape<typeof ConverseRequestSchema>;
type Kind = PythonValue['kind'];

const { apply, converse, listHandles, releaseHandles } = ObjectService.method;

const callsOf = ({ client }: Stage): Calls => {
  if (client.calls === undefined) throw new Error('this transport carries no messages');
  return client.calls;
};
const integer = (value: bigint) => ({ kind: { case: 'value', value: { kind: { case: 'integer', value } } } }) as const;
const evaluate = (expression: string, form: ResultForm = ResultForm.AUTO): Operation => ({
  action: { case: 'evaluate', value: { expression } },
  result: { form },
});
const call = (path: string[], ...args: bigint[]): Operation => ({
  path,
  action: { case: 'call', value: { args: args.map(integer) } },
});
const onResult = (index: number, operation: Operation): Operation => ({
  ...operation,
  target: { kind: { case: 'result', value: index } },
});
const onHandle = (id: string, operation: Operation = {}): Operation => ({
  ...operation,
  target: { kind: { case: 'handleId', value: id } },
});
const kindOf = (result: OperationResult | undefined): Kind | undefined => result?.value?.kind;

const batch = (id: number, request: Batch): Said => ({ message: { case: 'batch', value: { id, request } } });

/** The scenarios for every transport that carries messages. */
export const objects: Scenarios = {
  'a chain of calls is one trip and leaves one handle': async (stage) => {
    await using own = await stage.session();
    const calls = callsOf(stage);
    const answer = await calls.unary(apply, {
      sessionId: own.id,
      operations: [
        { target: { kind: { case: 'module', value: 'fractions' } }, ...call(['Fraction'], 3n, 6n) },
        onResult(0, { path: ['denominator'] }),
        onResult(0, call(['__add__'], 1n)),
      ],
    });
    expect(answer.generation).toBe(1);
    expect(answer.finished).toBeUndefined();
    const [first, second, third] = answer.results;
    expect([first?.value, first?.handle, first?.error, first?.failure]).toEqual(Array(4).fill(undefined));
    expect(kindOf(second)).toEqual({ case: 'integer', value: 2n });
    expect(third?.handle).toMatchObject({ sessionId: own.id, generation: 1, typeName: 'fractions.Fraction' });
    const again = await calls.unary(apply, {
      sessionId: own.id,
      operations: [onHandle(third?.handle?.id ?? '', { path: ['numerator'] })],
    });
    expect(kindOf(again.results[0])).toEqual({ case: 'integer', value: 3n });
  },

  'executions and batches see the same names': async (stage) => {
    await using own = await stage.session();
    await stage.client.run({ sessionId: own.id, code: 'def twice(x): print("called"); return 2 * x' });
    const answer = await callsOf(stage).unary(apply, {
      sessionId: own.id,
      operations: [call(['twice'], 21n), { action: { case: 'assign', value: { name: 'y', value: integer(5n) } } }],
    });
    expect(kindOf(answer.results[0])).toEqual({ case: 'integer', value: 42n });
    expect(answer.stdout).toBe('called\n');
    expect((await stage.client.run({ sessionId: own.id, code: 'y' })).value?.text).toBe('5');
  },

  'no session named means the default session': async (stage) => {
    const { value } = await stage.client.run({ code: 'for_batches = 11\n1' });
    expect(value?.text).toBe('1');
    const answer = await callsOf(stage).unary(apply, { operations: [{ path: ['for_batches'] }] });
    expect(kindOf(answer.results[0])).toEqual({ case: 'integer', value: 11n });
  },

  'what raises and what cannot be done are results': async (stage) => {
    await using own = await stage.session();
    const { results } = await callsOf(stage).unary(apply, {
      sessionId: own.id,
      operations: [evaluate('1 // 0'), evaluate('2')],
    });
    expect(results[0]?.error).toMatchObject({ typeName: 'ZeroDivisionError', module: 'builtins' });
    expect(results[1]?.failure).toMatchObject({ reason: ErrorReason.SKIPPED });
  },

  'handles are released, and stale ones say why': async (stage) => {
    await using own = await stage.session();
    const calls = callsOf(stage);
    const held = await calls.unary(apply, { sessionId: own.id, operations: [evaluate('object()')] });
    const id = held.results[0]?.handle?.id ?? '';
    expect(await calls.unary(releaseHandles, { sessionId: own.id, handleIds: [id, 'unknown'] })).toMatchObject({
      released: 1,
    });
    const use = async (handleId: string) => {
      const { results } = await calls.unary(apply, { sessionId: own.id, operations: [onHandle(handleId)] });
      return results[0]?.failure;
    };
    expect(await use(id)).toMatchObject({ reason: ErrorReason.STALE_HANDLE });
    expect((await use(id))?.message).toContain('released');
    const next = await calls.unary(apply, { sessionId: own.id, operations: [evaluate('object()')] });
    await stage.client.restartSession(own.id);
    const lost = await use(next.results[0]?.handle?.id ?? '');
    expect(lost).toMatchObject({ reason: ErrorReason.STALE_HANDLE });
    expect(lost?.message).toContain('generation 1');
    expect(await use('nonsense')).toMatchObject({ reason: ErrorReason.HANDLE_NOT_FOUND });
  },

  'handles are listed while code runs': async (stage) => {
    await using own = await stage.session();
    const calls = callsOf(stage);
    const sessionId = own.id;
    const held = await calls.unary(apply, {
      sessionId,
      operations: [evaluate('[1, 2]', ResultForm.HANDLE), evaluate('object()')],
    });
    const ids = held.results.map(({ handle }) => handle?.id);
    const endless = stage.client.run({ sessionId, code: 'while True: pass' });
    await until('the code runs', async () => (await stage.client.getSession(sessionId)).state === 'BUSY');
    const { handles } = await calls.unary(listHandles, { sessionId });
    expect(handles.map(({ object }) => object?.id)).toEqual(ids);
    expect(handles[0]).toMatchObject({ object: { sessionId, generation: 1, typeName: 'list', text: 'list of 2' } });
    expect(Number(handles[0]?.sizeBytes)).toBeGreaterThan(16);
    expect(handles[0]?.createdAt).toBeDefined();
    await stage.client.interrupt({ sessionId });
    await endless;
    await calls.unary(releaseHandles, { sessionId, all: true });
    expect((await calls.unary(listHandles, { sessionId })).handles).toEqual([]);
  },

  "a handle is worth nothing in another session, nor to another principal's": async (stage) => {
    await using own = await stage.session();
    await using other = await stage.session();
    const held = await callsOf(stage).unary(apply, { sessionId: own.id, operations: [evaluate('object()')] });
    const operations = [onHandle(held.results[0]?.handle?.id ?? '')];
    const { results } = await callsOf(stage).unary(apply, { sessionId: other.id, operations });
    expect(results[0]?.failure).toMatchObject({ reason: ErrorReason.STALE_HANDLE });
    expect(results[0]?.failure?.message).toContain('is of another session');
    const ann = { ...stage, client: stage.as('ann') };
    const notFound = { reason: 'SESSION_NOT_FOUND', code: 5, http: 404 };
    await expectRefused(stage, callsOf(ann).unary(apply, { sessionId: own.id, operations }), notFound);
    await expectRefused(stage, callsOf(ann).unary(releaseHandles, { sessionId: own.id, all: true }), notFound);
  },

  'a batch is stopped by its id, and keeps what was done': async (stage) => {
    await using own = await stage.session();
    const started = stage.gate();
    const batchId = stage.newId();
    const code = `def spin():\n    ${started.pass.trim()}\n    while True: pass`;
    await stage.client.run({ sessionId: own.id, code });
    const running = callsOf(stage).unary(apply, {
      sessionId: own.id,
      batchId,
      operations: [evaluate('1'), call(['spin']), evaluate('3')],
    });
    await started.isOpen();
    expect(await stage.client.interrupt({ executionId: batchId })).toMatchObject({ statePreserved: true });
    const { results, finished } = await running;
    expect(finished).toMatchObject({ outcome: Outcome.INTERRUPTED, statePreserved: true });
    expect(kindOf(results[0])).toEqual({ case: 'integer', value: 1n });
    expect(results.slice(1).map(({ failure }) => failure?.reason)).toEqual([ErrorReason.SKIPPED, ErrorReason.SKIPPED]);
  },

  'a batch whose time is up, or whose session dies, says so': async (stage) => {
    await using own = await stage.session();
    const late = await callsOf(stage).unary(apply, {
      sessionId: own.id,
      timeout: { seconds: 0n, nanos: 100_000_000 },
      operations: [{ target: { kind: { case: 'module', value: 'time' } }, ...call(['sleep'], 60n) }],
    });
    expect(late.finished).toMatchObject({ outcome: Outcome.TIMEOUT, statePreserved: true });
    const dead = await callsOf(stage).unary(apply, {
      sessionId: own.id,
      operations: [evaluate('__import__("os")._exit(3)'), evaluate('1')],
    });
    expect(dead.finished).toMatchObject({ outcome: Outcome.EXITED, exitCode: 3, statePreserved: false, generation: 2 });
    expect(dead.results.map(({ failure }) => failure?.reason)).toEqual(Array(2).fill(ErrorReason.STALE_GENERATION));
    const stale = { reason: 'STALE_GENERATION', code: 10, http: 409 };
    const asked = callsOf(stage).unary(apply, { sessionId: own.id, generation: 1, operations: [evaluate('1')] });
    await expectRefused(stage, asked, stale);
  },

  'batches and executions of one session have their turns in order': async (stage) => {
    await using own = await stage.session();
    const gate = stage.gate();
    const first = stage.client.run({ sessionId: own.id, code: `${gate.wait}order = ["run"]` });
    const calls = callsOf(stage);
    const batches = [1n, 2n, 3n].map((n) =>
      calls.unary(apply, { sessionId: own.id, operations: [call(['order', 'append'], n)] }),
    );
    gate.open();
    await Promise.all([first, ...batches]);
    const { value } = await stage.client.run({ sessionId: own.id, code: 'order[0], sorted(order[1:])' });
    expect(value?.text).toBe('{"$tuple":["run",[1,2,3]]}');
  },

  'a caller who leaves takes the batch along': async (stage) => {
    await using own = await stage.session();
    const started = stage.gate();
    const leaving = new AbortController();
    await stage.client.run({
      sessionId: own.id,
      code: `def spin():\n    ${started.pass.trim()}\n    while True: pass`,
    });
    const operations = [call(['spin'])];
    const running = callsOf(stage).unary(apply, { sessionId: own.id, operations }, { signal: leaving.signal });
    await started.isOpen();
    leaving.abort();
    await expect(running).rejects.toThrow();
    expect((await stage.client.run({ sessionId: own.id, code: '1' })).value?.text).toBe('1');
  },

  'operations that break the rules are refused': async (stage) => {
    const invalid = { reason: 'INVALID_ARGUMENT', code: 3, http: 400 };
    for (const operation of [
      { action: { case: 'setAttribute', value: { value: integer(1n) } } },
      { action: { case: 'call', value: { args: [{}] } } },
      { target: {} },
      { target: { kind: { case: 'module', value: 'no module' } } },
      { path: [''] },
    ] as Operation[]) {
      await expectRefused(stage, callsOf(stage).unary(apply, { operations: [operation] }), invalid);
    }
  },
};

/** The scenarios for transports that carry both directions at once. */
export const conversations: Scenarios = {
  'many batches are under way at once and answered in order for each session': async (stage) => {
    await using one = await stage.session();
    await using two = await stage.session();
    const said = speech<Said>();
    const answers: ConverseResponse[] = [];
    for (let id = 0; id < 300; id++)
      said.say(batch(id, { sessionId: id % 2 ? one.id : two.id, operations: [evaluate(`${id}`)] }));
    said.end();
    for await (const answer of callsOf(stage).converse(converse, said)) answers.push(answer);
    expect(answers).toHaveLength(300);
    for (const parity of [0, 1]) {
      const ids = answers.map(({ id }) => id).filter((id) => id % 2 === parity);
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    }
    for (const { id, response } of answers)
      expect(kindOf(response?.results[0])).toEqual({ case: 'integer', value: BigInt(id) });
  },

  'a session that is busy holds up no other': async (stage) => {
    await using busy = await stage.session();
    await using idle = await stage.session();
    const gate = stage.gate();
    const said = speech<Said>();
    const waiting = `exec(${JSON.stringify(gate.wait)})`;
    said.say(batch(1, { sessionId: busy.id, operations: [evaluate(waiting)] }));
    said.say(batch(2, { sessionId: idle.id, operations: [evaluate('2')] }));
    const ids: number[] = [];
    for await (const { id } of callsOf(stage).converse(converse, said)) {
      ids.push(id);
      gate.open();
      if (ids.length === 2) said.end();
    }
    expect(ids).toEqual([2, 1]);
  },

  'a batch is cancelled by its number, and the stream goes on': async (stage) => {
    await using own = await stage.session();
    const started = stage.gate();
    await stage.client.run({
      sessionId: own.id,
      code: `def spin():\n    ${started.pass.trim()}\n    while True: pass`,
    });
    const said = speech<Said>();
    said.say(batch(1, { sessionId: own.id, operations: [call(['spin'])] }));
    said.say(batch(2, { sessionId: own.id, operations: [evaluate('2')] }));
    said.say(batch(3, { sessionId: own.id, operations: [evaluate('3')] }));
    const answers = new Map<number, ConverseResponse>();
    const all = (async () => {
      for await (const answer of callsOf(stage).converse(converse, said)) answers.set(answer.id, answer);
    })();
    await started.isOpen();
    said.say({ message: { case: 'cancel', value: { id: 2 } } }, { message: { case: 'cancel', value: { id: 1 } } });
    said.end();
    await all;
    expect(answers.get(1)?.response?.finished).toMatchObject({ outcome: Outcome.INTERRUPTED, statePreserved: true });
    expect(answers.get(2)?.response?.finished).toMatchObject({ outcome: Outcome.CANCELLED, statePreserved: true });
    expect(kindOf(answers.get(3)?.response?.results[0])).toEqual({ case: 'integer', value: 3n });
  },

  'a batch that is refused ends nothing else': async (stage) => {
    await using own = await stage.session();
    const said = speech<Said>();
    said.say(batch(1, { sessionId: 'nobody', operations: [evaluate('1')] }));
    said.say(batch(2, { sessionId: own.id, operations: [evaluate('2')] }));
    said.end();
    const answers = new Map<number, ConverseResponse>();
    for await (const answer of callsOf(stage).converse(converse, said)) answers.set(answer.id, answer);
    expect(answers.get(1)?.failure).toMatchObject({ reason: ErrorReason.SESSION_NOT_FOUND });
    expect(kindOf(answers.get(2)?.response?.results[0])).toEqual({ case: 'integer', value: 2n });
  },

  'a number that is under way already ends the stream and what runs on it': async (stage) => {
    await using own = await stage.session();
    const said = speech<Said>();
    const forever = [{ target: { kind: { case: 'module', value: 'time' } }, ...call(['sleep'], 60n) } as Operation];
    said.say(
      batch(1, { sessionId: own.id, operations: forever }),
      batch(1, { sessionId: own.id, operations: forever }),
    );
    const all = (async () => {
      for await (const answer of callsOf(stage).converse(converse, said)) throw new Error(`answered ${answer.id}`);
    })();
    await expectRefused(stage, all, { reason: 'INVALID_ARGUMENT', code: 3, http: 400 });
    said.end();
    expect((await stage.client.run({ sessionId: own.id, code: '1' })).value?.text).toBe('1');
  },
};
