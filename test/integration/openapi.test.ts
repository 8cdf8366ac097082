/** `/openapi.json`: true to the standard, to the tables that it is made of, and to what the gateway does. */
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PythonService } from '../../src/gen/es/beep/python/runtime/python_service_pb.ts';
import { ExecuteService } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { HostService } from '../../src/gen/es/beep/python/v1/host_pb.ts';
import { ObjectService } from '../../src/gen/es/beep/python/v1/object_pb.ts';
import { VenvService } from '../../src/gen/es/beep/python/v1/venv_pb.ts';
import { createJsonRoutes } from '../../src/original/http.ts';
import type { Caller, Operations } from '../../src/original/operations.ts';
import { createVenvRoutes } from '../../src/original/venvs.ts';
import type { OriginalVenvs } from '../../src/services/original-venvs.ts';
import { jsonRoutes } from '../../src/transports/rest/json-routes.ts';
import { methodExamples } from '../../src/transports/rest/openapi/method-examples.ts';
import { ownRoutes } from '../../src/transports/rest/own-routes.ts';
import { plainRoutes } from '../../src/transports/rest/routes/all.ts';
import type { PlainHandlers } from '../../src/transports/rest/routes/handlers.ts';
import { version } from '../../src/version.ts';
import { type Description, description } from '../support/described.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';

let gateway: TestGateway;
let described: Description;

beforeAll(async () => {
  gateway = await startGateway();
  described = await description(gateway.http);
});

afterAll(() => gateway?.stop());

/** Reads the events of an execution until one of this type has come. */
async function eventsUntil(executionId: string, type: string): Promise<void> {
  const answer = await fetch(`${gateway.http}/executions/${executionId}/events`, {
    headers: { authorization: `Bearer ${gateway.token()}` },
  });
  let text = '';
  for await (const piece of answer.body ?? []) {
    text += Buffer.from(piece).toString();
    if (text.includes(`"type":"${type}"`)) return;
  }
  throw new Error(`no event ${type}: ${text}`);
}

const isMethod = (path: string) => /^\/[\w.]+\.\w+\/\w+$/.test(path);

async function post(path: string, body: unknown): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${gateway.http}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.token()}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

test('it is OpenAPI 3.1, by a validator that is not ours, and has the version of the gateway', async () => {
  const { valid, errors } = await new Validator().validate({ ...structuredClone(described) });
  expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  expect(described.openapi).toBe('3.1.1');
  expect(described.info.version).toBe(version);
});

test('every plain route of the table is in it, and nothing else, but for those that nobody answers yet', async () => {
  const metrics = { contentType: 'text/plain', metrics: async () => '' };
  const original = createJsonRoutes({} as Operations, () => ({}) as Caller);
  const ofOriginal = jsonRoutes([...original.http, ...createVenvRoutes({} as OriginalVenvs)]);
  const table = [...plainRoutes({} as PlainHandlers), ...ofOriginal, ...ownRoutes({ metrics })];
  const unfinished = table.filter(({ about }) => about === undefined);
  for (const { method, path } of unfinished) {
    const headers = { authorization: `Bearer ${gateway.token()}` };
    const { status } = await fetch(`${gateway.http}${path.replaceAll(/\{\w+\}/g, 'x')}`, { method, headers });
    expect({ method, path, status }).toEqual({ method, path, status: 501 });
  }
  const found = Object.entries(described.paths)
    .filter(([path]) => !isMethod(path))
    .flatMap(([path, operations]) => Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`));
  const wanted = table.filter((route) => !unfinished.includes(route)).map(({ method, path }) => `${method} ${path}`);
  expect(found.sort()).toEqual([...wanted, 'GET /openapi.json'].sort());
});

test('a method that is not in it is one that nobody answers yet', async () => {
  const methods = [HostService, VenvService, ExecuteService, ObjectService, PythonService].flatMap((service) =>
    service.methods.map((method) => ({ path: `/${service.typeName}/${method.name}`, kind: method.methodKind })),
  );
  for (const { path, kind } of methods.filter(({ path }) => described.paths[path] === undefined)) {
    const isUnary = kind === 'unary';
    const answer = await fetch(`${gateway.http}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${gateway.token()}`,
        'content-type': isUnary ? 'application/json' : 'application/connect+json',
      },
      body: isUnary ? '{}' : Buffer.from('\0\0\0\0\x02{}', 'latin1'),
    });
    expect({ path, text: await answer.text() }).toEqual({ path, text: expect.stringContaining('"unimplemented"') });
  }
  const known = methods.map(({ path }) => path);
  const found = Object.keys(described.paths).filter((path) => isMethod(path) && !path.startsWith('/grpc.'));
  expect(found.filter((path) => !known.includes(path))).toEqual([]);
  expect(found).toContain('/beep.python.v1.ExecuteService/Run');
});

test('methods and messages have the comments and the rules of the contract', () => {
  const text = JSON.stringify(described);
  expect(text).toContain('Runs code and answers with all that came of it.');
  const { schemas } = (described as unknown as { components: { schemas: Record<string, unknown> } }).components;
  expect(schemas['beep.python.v1.GetExecutionRequest']).toMatchObject({
    required: ['executionId'],
    properties: { executionId: { minLength: 1, pattern: '^[A-Za-z0-9._:-]{0,128}$' } },
  });
  expect(schemas['beep.python.v1.PythonValue']).toMatchObject({ minProperties: 1, maxProperties: 1 });
});

test('its examples are answered as they stand', { timeout: 60_000 }, async () => {
  const detached = (executionId: string, code: string, more: object = {}) =>
    post('/execute', { code, executionId, detach: true, ...more });
  // What some of them speak of has to be there.
  const before: Record<string, () => Promise<unknown>> = {
    '/beep.python.v1.ExecuteService/SendInput': () => detached('question-1', 'input()', { interactive: true }),
    '/beep.python.v1.ExecuteService/Interrupt': async () => {
      await eventsUntil('question-1', 'finished');
      await detached('endless', 'while True: pass');
      await eventsUntil('endless', 'started');
    },
  };
  const answers: { path: string; status: number }[] = [];
  const send = async (path: string, example: unknown) => {
    await before[path]?.();
    const { status } = await post(path, example);
    answers.push({ path, status });
  };
  await send('/beep.python.v1.ExecuteService/Run', methodExamples['/beep.python.v1.ExecuteService/Run']);
  for (const [path, { post: operation }] of Object.entries(described.paths)) {
    const example = operation?.requestBody?.content['application/json']?.example;
    // A path with an id needs one that is there.
    if (example === undefined || path.includes('{') || path.endsWith('/CloseSession')) continue;
    if (isMethod(path) && !(path in methodExamples)) expect(example).toEqual({});
    if (!isMethod(path) || path in methodExamples) await send(path, example);
  }
  expect(answers.filter(({ status }) => status >= 300)).toEqual([]);
  expect(answers.length).toBeGreaterThan(Object.keys(methodExamples).length);
});

test('whoever has it already is told so, and a token is needed for what is not open', async () => {
  const first = await fetch(`${gateway.http}/openapi.json`);
  const etag = first.headers.get('etag') as string;
  await first.text();
  const again = await fetch(`${gateway.http}/openapi.json`, { headers: { 'if-none-match': etag } });
  expect(again.status).toBe(304);
  for (const [path, operations] of Object.entries(described.paths)) {
    for (const [method, { security, 'x-stream': stream }] of Object.entries(operations)) {
      if (stream !== undefined) continue;
      const answer = await fetch(`${gateway.http}${path.replace(/\{\w+\}/, 'x')}`, {
        method: method.toUpperCase(),
        ...(method === 'post' && { headers: { 'content-type': 'application/json' }, body: '{}' }),
      });
      await answer.text();
      expect({ path, isOpen: answer.status !== 401 }).toEqual({ path, isOpen: security !== undefined });
    }
  }
});
