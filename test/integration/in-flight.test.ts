/** Many calls at once into one session: each gets what is its own. */
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExecuteService, type ExecutionResult, Outcome } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';

const inFlight = 32;
const rounds = 4;

/** How a number can be said; the last says nothing. */
const ways: readonly ((n: number) => string)[] = [
  (n) => `print(${n})`,
  (n) => `__import__('os').write(1, b'${n}\\n')`,
  (n) => `__import__('subprocess').run(['echo', '${n}'], check=True)`,
  () => 'None',
];

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

/** A session, and what is run in it. */
async function open() {
  const client = createClient(ExecuteService, createGrpcTransport({ baseUrl: gateway.rpc }));
  const headers = { authorization: `Bearer ${gateway.token()}` };
  const { id: sessionId } = await client.createSession({}, { headers });
  const where = { case: 'sessionId', value: sessionId } as const;
  return {
    run: (value: string, signal?: AbortSignal) =>
      client.run({ where, source: { case: 'code', value } }, { headers, ...(signal && { signal }) }),
    [Symbol.asyncDispose]: async () => {
      await client.closeSession({ sessionId }, { headers });
    },
  };
}

test('each call gets its own output and its own result', async () => {
  await using session = await open();
  await session.run('seen = []');
  const caller = async (lane: number) => {
    for (let round = 0; round < rounds; round++) {
      const n = round * inFlight + lane;
      const way = ways[(lane + round) % ways.length] as (n: number) => string;
      const { stdout, text } = await session.run(`${way(n)}; seen.append(${n}); ${n}`);
      expect([text, stdout]).toEqual([String(n), way(n) === 'None' ? '' : `${n}\n`]);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, lane) => caller(lane)));
  const { text } = await session.run('sorted(seen) == list(range(len(seen))), len(seen)');
  expect(text).toBe(`(True, ${inFlight * rounds})`);
});

test('whoever gives up before his turn changes nothing, and whoever gives up in it stops himself alone', async () => {
  await using session = await open();
  await session.run('import time; seen = []');
  const calls: Promise<ExecutionResult | Code>[] = [];
  for (let n = 0; n < inFlight; n++) {
    const controller = new AbortController();
    const code = `end = time.monotonic() + 0.01\nwhile time.monotonic() < end: pass\nseen.append(${n}); ${n}`;
    // While those before it are answered: it waits, or is about to run, or runs.
    if (n % 3 === 0) calls[n - 3]?.finally(() => controller.abort());
    calls.push(session.run(code, controller.signal).catch((error: unknown) => ConnectError.from(error).code));
  }
  const answers = await Promise.all(calls);
  for (const [n, answer] of answers.entries()) {
    if (typeof answer === 'number') expect([answer, n % 3]).toEqual([Code.Canceled, 0]);
    else expect([answer.finished?.outcome, answer.text]).toEqual([Outcome.OK, String(n)]);
  }
  const { text } = await session.run('len(seen) == len(set(seen)), len(seen)');
  const answered = answers.filter((answer) => typeof answer !== 'number').length;
  expect(text).toMatch(/^\(True, /);
  expect(Number(/\d+/.exec(text)?.[0])).toBeGreaterThanOrEqual(answered);
});

test('when the process dies, the one that ran has died, those before are answered and those behind have not begun', async () => {
  await using session = await open();
  await session.run('1');
  const calls = Array.from({ length: inFlight }, (_, n) => session.run(n === 12 ? 'import os; os._exit(3)' : `${n}`));
  const outcomes = (await Promise.all(calls)).map(({ finished }) => finished?.outcome);
  const died = outcomes.indexOf(Outcome.EXITED);
  expect(outcomes.filter((outcome) => outcome === Outcome.EXITED)).toHaveLength(1);
  for (const [n, outcome] of outcomes.entries()) {
    if (n !== died) expect([Outcome.OK, Outcome.CANCELLED]).toContain(outcome);
  }
  const { text, finished } = await session.run('1 + 1');
  expect([text, finished?.generation]).toEqual(['2', 2]);
});
