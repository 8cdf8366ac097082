/** What only the plain routes have: reconnecting by Last-Event-ID, 204, and their own ways to say things. */
import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestFolder } from '../integration/setup/test-home.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

let gateway: TestGateway;
let folder: Awaited<ReturnType<typeof createTestFolder>>;
beforeAll(async () => {
  folder = await createTestFolder();
  gateway = await startGateway();
});
afterAll(async () => {
  await gateway.stop();
  await folder[Symbol.asyncDispose]();
});

function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(gateway.http + path, {
    method,
    headers: {
      authorization: `Bearer ${gateway.token()}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
}

function callText(path: string, body: string): Promise<Response> {
  const headers = { authorization: `Bearer ${gateway.token()}`, 'content-type': 'application/json' };
  return fetch(gateway.http + path, { method: 'POST', headers, body });
}

async function linesOf(response: Response): Promise<{ seq: number; type: string }[]> {
  const text = await response.text();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('a reader that comes back goes on behind the last event that it had, and after the end there is nothing', async () => {
  const executionId = randomUUID();
  const response = await call('POST', '/execute', { code: 'for i in range(3): print(i)\n1/0', executionId });
  const { lastSeq } = (await response.json()) as { lastSeq: number };
  const path = `/executions/${executionId}/events`;
  const all = await linesOf(await call('GET', path));
  expect(all.map(({ seq }) => seq)).toEqual(Array.from({ length: lastSeq }, (_, i) => i + 1));
  const rest = await call('GET', path, undefined, { 'last-event-id': '2', accept: 'text/event-stream' });
  expect(rest.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const text = await rest.text();
  expect([...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]))).toEqual(
    all.slice(2).map(({ seq }) => seq),
  );
  expect(await linesOf(await call('GET', path, undefined, { 'last-event-id': '2' }))).toEqual(all.slice(2));
  expect((await call('GET', path, undefined, { 'last-event-id': String(lastSeq) })).status).toBe(204);
  expect(await linesOf(await call('GET', `${path}?from=3`))).toEqual(all.slice(2));
});

test('what is detached is accepted, and its answer is fetched when it is there', async () => {
  const gate = join(folder.path, 'gate');
  const code = `import os, time\nwhile not os.path.exists(${JSON.stringify(gate)}): time.sleep(0.002)\nprint("alone")\n7`;
  const accepted = await call('POST', '/execute', { code, detach: true });
  expect(accepted.status).toBe(202);
  const { executionId, sessionId, ...more } = (await accepted.json()) as Record<string, string>;
  expect(more).toEqual({});
  expect(await (await call('GET', `/executions/${executionId}`)).json()).toMatchObject({ state: 'RUNNING', sessionId });
  const ended = call('GET', `/executions/${executionId}?wait=20`);
  writeFileSync(gate, '');
  expect(await (await ended).json()).toMatchObject({ state: 'FINISHED', result: 7, stdout: 'alone\n', outcome: 'OK' });
});

test('every field of an answer is there, also where there is nothing to say', async () => {
  const answer = await (await call('POST', '/execute', { code: '', venv: 'default' })).json();
  expect(answer).toMatchObject({
    result: null,
    resultText: '',
    stdout: '',
    stderr: '',
    truncatedBytes: 0,
    displays: [],
    outcome: 'OK',
    error: null,
    statePreserved: true,
    exitCode: null,
    signal: null,
    stoppedBy: null,
    generation: 1,
    lastSeq: 3,
    usage: {
      wallSeconds: expect.any(Number),
      userCpuSeconds: expect.any(Number),
      systemCpuSeconds: expect.any(Number),
      peakResidentBytes: expect.any(Number),
      stdoutBytes: 0,
      stderrBytes: 0,
    },
  });
});

test('a session by plain routes: 201, its fields, and 410 after its end', async () => {
  const created = await call('POST', '/sessions', { labels: { a: 'b' }, idleTimeout: 60, env: { X: 'y' }, cwd: 'sub' });
  expect(created.status).toBe(201);
  const session = (await created.json()) as Record<string, string>;
  expect(session).toMatchObject({
    state: 'IDLE',
    generation: 1,
    labels: { a: 'b' },
    isolation: 'LIMITS',
    venv: 'default',
  });
  const path = `/sessions/${session.sessionId}`;
  const run = await call('POST', '/execute', {
    sessionId: session.sessionId,
    code: 'import os\n[os.environ["X"], os.getcwd()[-3:]]',
  });
  expect(await run.json()).toMatchObject({ result: ['y', 'sub'] });
  expect(await (await call('GET', path)).json()).toMatchObject({
    sessionId: session.sessionId,
    usage: { processes: 1 },
  });
  expect(await (await call('DELETE', path)).json()).toMatchObject({ state: 'CLOSED' });
  const gone = await call('POST', '/execute', { sessionId: session.sessionId, code: '1' });
  expect([gone.status, await gone.json()]).toMatchObject([410, { error: { reason: 'SESSION_CLOSED' } }]);
});

test('an interrupt by plain routes, by session and by execution', async () => {
  const { sessionId } = (await (await call('POST', '/sessions', {})).json()) as { sessionId: string };
  for (const by of ['session', 'execution'] as const) {
    const up = join(folder.path, by);
    const executionId = randomUUID();
    const code = `open(${JSON.stringify(up)}, "w")\nwhile True: pass`;
    const running = call('POST', '/execute', { sessionId, executionId, code });
    await until('the code runs', () => existsSync(up));
    const target = by === 'session' ? `/sessions/${sessionId}` : `/executions/${executionId}`;
    const answer = await call('POST', `${target}/interrupt`);
    expect([answer.status, await answer.json()]).toEqual([200, { stoppedBy: 'INTERRUPT', statePreserved: true }]);
    expect(await (await running).json()).toMatchObject({ outcome: 'INTERRUPTED', stoppedBy: 'INTERRUPT' });
    const again = await call('POST', `${target}/interrupt`);
    expect([again.status, await again.json()]).toMatchObject([409, { error: { reason: 'NOTHING_RUNNING' } }]);
  }
  await call('DELETE', `/sessions/${sessionId}`);
});

test('arguments of a function reach Python as they were written', async () => {
  const args = '[9007199254740993, 2.0, -0.0, 1e2, "\\ud83d\\ude00 ,]}", {"a" : [ {} ,"\\""]}, []]';
  const kwargs = '{"__proto__": 1, "b\\"": {"$tuple": []}, "b\\"": {"$int": "5"}}';
  await call('POST', '/execute', { code: 'def same(*a, **k): return repr((a, k))' });
  const response = await callText('/execute', `{"args": ${args},\n "k\\u0077args": ${kwargs}, "function": "same"}`);
  const { result } = (await response.json()) as { result: string };
  expect(result).toBe(
    `((9007199254740993, 2.0, -0.0, 100.0, '\u{1f600} ,]}', {'a': [{}, '"']}, []), {'__proto__': 1, 'b"': 5})`,
  );
});

test.each([
  ['code and script', { code: '1', script: 'x.py' }],
  ['nothing', {}],
  ['arguments without a function', { code: '1', args: [] }],
  ['keyword arguments of a script', { script: 'x.py', kwargs: {} }],
  ['arguments that are no list', { function: 'f', args: {} }],
  ['keyword arguments that are no object', { function: 'f', kwargs: [] }],
  ['a function of another type', { function: 5 }],
  ['a path that is empty', { script: '' }],
  ['a module that is no name', { module: '../x' }],
  ['argv that is no list', { code: '1', argv: 'x' }],
  ['env of numbers', { code: '1', env: { A: 1 } }],
])('%s is refused', async (_, body) => {
  const response = await call('POST', '/execute', body);
  const { error } = (await response.json()) as { error: { reason: string } };
  expect([response.status, error.reason]).toEqual([400, 'INVALID_ARGUMENT']);
});

test.each([
  ['/execute', { code: '1', sesionId: 'x' }, 'unknown field: "sesionId"; did you mean sessionId?'],
  ['/execute', { code: '1', session_id: 'x' }, 'unknown field: "session_id"; did you mean sessionId?'],
  ['/execute', { kode: '1' }, 'unknown field: "kode"; did you mean code?'],
  ['/execute', { code: '1', timoeut: null }, 'unknown field: "timoeut"; did you mean timeout?'],
  ['/execute', { code: '1', priority: 5 }, /^unknown field: "priority"; known are code, script, .*detach$/],
  ['/execute', { code: '1', ['x'.repeat(100_000)]: 5 }, /^unknown field: "x{1,500}.*; known are code, /],
  ['/execute', JSON.parse('{"code": "1", "__proto__": {}}'), /^unknown field: "__proto__"; known are code, /],
  ['/sessions', { vevn: 'x' }, 'unknown field: "vevn"; did you mean venv?'],
  [
    '/sessions',
    { limits: { memory_bytes: 1 } },
    'unknown field: "limits.memory_bytes"; did you mean limits.memoryBytes?',
  ],
  ['/executions/any/input', { data: 'x' }, 'unknown field: "data"; known are text, eof, requestId'],
  ['/executions/any/interrupt', { kil: true }, 'unknown field: "kil"; did you mean kill?'],
  ['/sessions/any/interrupt', { Grace: 1 }, 'unknown field: "Grace"; did you mean grace?'],
])('a field that is not known is refused with the one that may have been meant: %s %j', async (path, body, message) => {
  const response = await call('POST', path, body);
  const { error } = (await response.json()) as { error: { message: string; reason: string } };
  expect([response.status, error.reason]).toEqual([400, 'INVALID_ARGUMENT']);
  if (typeof message === 'string') expect(error.message).toBe(message);
  else expect(error.message).toMatch(message);
});

test.each([
  ['POST', '/execute', { code: '1', executionId: 'a b' }, 'executionId'],
  ['POST', '/execute', { code: '1', env: { 'A_B=': '' } }, 'env["A_B="]'],
  ['POST', '/execute', { module: '../x' }, 'module'],
  ['POST', '/execute', { script: '' }, 'script'],
  ['POST', '/execute', { function: 'a b' }, 'function'],
  ['POST', '/execute', { code: '1', stdin: 'x', interactive: true }, 'stdin'],
  ['POST', '/sessions', { key: 'x'.repeat(300) }, 'key'],
  ['POST', '/sessions', { idleTimeout: 0 }, 'idleTimeout'],
  ['POST', '/sessions', { limits: { cpuSeconds: 1e9 } }, 'limits.cpuSeconds'],
  ['POST', '/sessions', { limits: { openFiles: 3 } }, 'limits.openFiles'],
  ['GET', '/sessions/a%20b', undefined, 'sessionId'],
  ['GET', '/executions/a%20b', undefined, 'executionId'],
  ['POST', '/executions/a%20b/interrupt', {}, 'executionId'],
  ['POST', '/executions/any/input', {}, 'text'],
  ['POST', '/executions/any/interrupt', { grace: 1e6 }, 'grace'],
  ['POST', '/execute', { script: '../x.py' }, 'script'],
  ['POST', '/execute', { code: '1', cwd: 'no/such' }, 'cwd'],
  ['GET', '/sessions?pageToken=x', undefined, 'pageToken'],
  ['GET', '/sessions?pageSize=5000', undefined, 'pageSize'],
])('a rule names the field as the caller wrote it: %s %s %j', async (method, path, body, field) => {
  const response = await call(method, path, body);
  const { error } = (await response.json()) as { error: { message: string; metadata: { field: string } } };
  expect([response.status, error.metadata.field]).toEqual([400, field]);
  expect(error.message.startsWith(field)).toBe(true);
  expect(error.message).not.toMatch(/_(id|timeout|mode|files|of|key)\b(?!.*\])/);
});
