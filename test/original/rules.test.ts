/** What the original's formats promise beside the operations: bytes, statuses, sessions, callers who leave, who may call. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PythonService } from '../../src/gen/es/beep/python/runtime/python_service_pb.ts';
import { createTestFolder } from '../integration/setup/test-home.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';
import { exchange } from './dotnet.ts';
import { type Facade, facades, post } from './facades.ts';
import { client } from './operations.ts';

describe('without tokens', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startGateway({ flags: ['--auth', 'same-user'] });
  });

  afterAll(() => gateway?.stop());

  const open = async (name: Facade['name']) => client(await facades[name](gateway));

  test("the bytes of .NET's HTTP client get the bytes that it reads", async () => {
    const { text, head } = await exchange(
      gateway.http,
      'POST /api/import HTTP/1.1\r\nHost: localhost:5678\r\nTransfer-Encoding: chunked\r\n' +
        'Content-Type: application/json; charset=utf-8\r\n\r\n15\r\n{"moduleName":"math"}\r\n0\r\n\r\n',
    );
    expect(head).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(head).toMatch(/\r\nContent-Type: application\/json\r\n/i);
    expect(text).toMatch(/^\{"handleId":"[^"]+"\}$/);
  });

  test('the bytes of the RPC client get the bytes that it reads, on its own port', async () => {
    const { text, head } = await exchange(
      gateway.rpc,
      'POST /rpc/PythonService/ImportModule HTTP/1.1\r\nHost: localhost:50051\r\n' +
        'Content-Type: application/json; charset=utf-8\r\nContent-Length: 21\r\n\r\n{"ModuleName":"math"}',
    );
    expect(head).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(text).toMatch(/^\{"HandleId":"[^"]+"\}$/);
    const health = await exchange(gateway.rpc, 'GET /health HTTP/1.1\r\nHost: localhost:50051\r\n\r\n');
    expect(JSON.parse(health.text)).toEqual({ status: 'ok' });
  });

  test('answers have exactly the fields of the format', async () => {
    const math = (await post(`${gateway.http}/api/import`, '{"moduleName":"math"}')).text;
    const { handleId } = JSON.parse(math);
    const call = (base: string, path: string, body: object) => post(base + path, JSON.stringify(body));
    const sqrt = { handleId, methodName: 'sqrt', args: [4], unknown: 1 };
    expect((await call(gateway.http, '/api/call', sqrt)).text).toBe('{"value":2.0}');
    expect((await call(gateway.http, '/call', sqrt)).text).toBe('{"value":2.0}');
    const rpc = { HandleId: handleId, MethodName: 'sqrt', Args: [4], Kwargs: null, ReturnType: 'System.Int32' };
    expect((await call(gateway.rpc, '/rpc/PythonService/CallMethod', rpc)).text).toBe('{"Value":2,"IsHandle":false}');
    const list = JSON.parse((await call(gateway.http, '/wrap', { value: [[1, 2]] })).text);
    expect(list.typeName).toBe('list');
    expect((await call(gateway.http, '/api/tofloatarray', list)).text).toBe('[1,2]');
    expect((await call(gateway.http, '/tofloatarray', list)).text).toBe('{"data":[1,2]}');
    expect((await call(gateway.http, '/api/tofloatarray2d', list)).text).toBe('[[1,2]]');
    const data = await call(gateway.rpc, '/rpc/PythonService/ToFloatArray2D', { HandleId: list.handleId });
    expect(data.text).toBe('{"Data":[[1,2]]}');
    expect((await call(gateway.http, '/api/dispose', list)).text).toBe('{"success":true}');
    const disposed = await call(gateway.rpc, '/rpc/PythonService/DisposeHandle', { HandleId: list.handleId });
    expect(disposed.text).toBe('{"Success":true}');
    for (const path of ['/api/module-available', '/api/module_available', '/module_available', '/module-available']) {
      expect((await call(gateway.http, path, { moduleName: 'math' })).text, path).toBe('{"available":true}');
    }
  });

  test("errors of the root routes are FastAPI's", async () => {
    const call = async (path: string, text: string) => {
      const { status, text: answer } = await post(gateway.http + path, text);
      return { status, ...JSON.parse(answer) };
    };
    expect(await call('/import', '{}')).toEqual({
      status: 422,
      detail: [{ type: 'missing', loc: ['body', 'moduleName'], msg: 'Field required', input: {} }],
    });
    expect(await call('/call', '{"handleId":1,"args":{}}')).toMatchObject({
      status: 422,
      detail: [{ type: 'string_type' }, { type: 'missing', loc: ['body', 'methodName'] }, { type: 'list_type' }],
    });
    expect(await call('/import', '{"moduleName":')).toMatchObject({ status: 422, detail: [{ type: 'json_invalid' }] });
    for (const body of ['[]', '1', 'null', '"x"']) {
      expect(await call('/import', body)).toEqual({
        status: 422,
        detail: [{ type: 'model_attributes_type', loc: ['body'], msg: expect.any(String), input: JSON.parse(body) }],
      });
    }
    expect(await call('/wrap', `{"value":${'['.repeat(800)}${']'.repeat(800)}}`)).toMatchObject({
      status: 422,
      detail: [{ loc: ['body'], msg: expect.stringContaining('nested too deep') }],
    });
    expect(await call('/nothing', '{}')).toMatchObject({ status: 404, detail: 'Not Found' });
    expect(await call('/getattr', '{"handleId":"handle_999","attributeName":"x"}')).toEqual({
      status: 404,
      detail: 'Handle not found: handle_999',
    });
    const divided = await call('/eval', '{"expression":"1/0"}');
    expect(divided.status).toBe(500);
    expect(divided.detail).toMatch(/^division by zero\nTraceback \(most recent call last\):\n[\s\S]*ZeroDivisionError/);
    expect(await call('/import', '{"moduleName":"no_such"}')).toEqual({
      status: 500,
      detail: "No module named 'no_such'",
    });
    const wrong = await exchange(gateway.http, 'GET /import HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(wrong.head).toMatch(/^HTTP\/1.1 405 /);
    expect(wrong.text).toBe('{"detail":"Method Not Allowed"}');
  });

  test('errors of the client routes have a status, a reason and a traceback', async () => {
    const call = async (path: string, text: string) => {
      const { status, text: answer } = await post(path, text);
      return { status, ...JSON.parse(answer) };
    };
    expect(await call(`${gateway.http}/api/eval`, '{"expression":"1/0"}')).toMatchObject({
      status: 500,
      error: 'division by zero',
      reason: 'PYTHON_ERROR',
      traceback: expect.stringContaining('ZeroDivisionError'),
    });
    expect(await call(`${gateway.http}/api/eval`, '{}')).toMatchObject({ status: 400, reason: 'INVALID_ARGUMENT' });
    const missing = { status: 404, error: 'Handle not found: h', reason: 'HANDLE_NOT_FOUND' };
    const getattr = '{"handleId":"h","attributeName":"a"}';
    expect(await call(`${gateway.http}/api/getattr`, getattr)).toEqual(missing);
    const pascal = '{"HandleId":"h","AttributeName":"a"}';
    expect(await call(`${gateway.rpc}/rpc/PythonService/GetAttribute`, pascal)).toEqual(missing);
    for (const url of [
      `${gateway.rpc}/rpc/PythonService/Nothing`,
      `${gateway.http}/api/nothing`,
      `${gateway.http}/api/venv/nothing/below`,
    ]) {
      const error = expect.stringContaining(new URL(url).pathname);
      expect(await call(url, '{}')).toEqual({ status: 404, error, reason: 'ROUTE_NOT_FOUND' });
    }
    expect(await call(`${gateway.http}/venv/nothing`, '{}')).toMatchObject({ status: 404, success: false });
    expect(await call(`${gateway.http}/api/venv/list`, '{}')).toMatchObject({ status: 405, success: false });
    expect(await call(`${gateway.http}/api/eval`, '{')).toMatchObject({ status: 400 });
  });

  test('an object of one format is there in the others, in the same session, and in no other', async () => {
    const [api, root, rpc, grpc] = await Promise.all([open('api'), open('root'), open('rpc'), open('grpc')]);
    const [pipe, neighbour] = await Promise.all([open('pipe'), open('pipe')]);
    await api.evaluate('shared = []');
    const { handleId } = await grpc.wrap('[1]');
    for (const other of [api, root, rpc, grpc]) {
      expect(await other.call(handleId, '__len__')).toEqual({ value: '1' });
      expect(await other.evaluate('shared')).toEqual({ value: '[]' });
    }
    expect((await pipe.call(handleId, '__len__')).fault).toBe('handle');
    const own = await pipe.wrap('[1]');
    expect((await api.call(own.handleId, '__len__')).fault).toBe('handle');
    expect((await neighbour.call(own.handleId, '__len__')).fault).toBe('handle');
    await Promise.all([pipe, neighbour].map(({ facade }) => facade[Symbol.asyncDispose]()));
  });

  test('X-Beep-Session picks a session, by header and by metadata', async () => {
    const made = await post(`${gateway.http}/sessions`, '{}');
    const { sessionId } = JSON.parse(made.text);
    const headers = { 'x-beep-session': sessionId };
    const stub = createClient(PythonService, createGrpcTransport({ baseUrl: gateway.rpc }));
    await stub.evaluate({ expression: 'mine = 5' }, { headers });
    expect((await stub.evaluate({ expression: 'mine' }, { headers })).valueJson).toBe('5');
    await expect(stub.evaluate({ expression: 'mine' })).rejects.toThrow("name 'mine' is not defined");
    const absent = stub.evaluate({ expression: '1' }, { headers: { 'x-beep-session': 'nobody' } });
    expect(await absent.catch((error) => ConnectError.from(error).code)).toBe(Code.NotFound);
  });

  test('the gRPC service is on both ports, over Connect too', async () => {
    for (const transport of [
      createGrpcTransport({ baseUrl: gateway.rpc }),
      createGrpcTransport({ baseUrl: gateway.http }),
      createConnectTransport({ baseUrl: gateway.http, httpVersion: '1.1' }),
    ]) {
      const stub = createClient(PythonService, transport);
      expect((await stub.health({})).status).toBe('ok');
      const { handleId } = await stub.wrapValue({ valueJson: '[[1,2.5],[3,4]]' });
      const { data } = await stub.toFloatArray2D({ handleId });
      expect(data.map(({ values }) => values)).toEqual([[1, 2.5], [3, 4]]); // biome-ignore format: rows
    }
  });

  test.each(Object.keys(facades) as Facade['name'][])(
    'over %s a caller that leaves has its code stopped, and the next call is answered',
    async (name) => {
      await using folder = await createTestFolder();
      const [begun, ended] = [join(folder.path, 'begun'), join(folder.path, 'ended')];
      const code = `import time\ntry:\n    open(${JSON.stringify(begun)}, 'w').close()\n    time.sleep(600)\nfinally:\n    open(${JSON.stringify(ended)}, 'w').close()`;
      const caller = await open(name);
      const leaving = new AbortController();
      const answer = caller.evaluate(code, {}, leaving.signal).catch(() => 'gone');
      await until('the code runs', () => existsSync(begun), 20_000);
      leaving.abort();
      expect(await answer).toBe('gone');
      await until('the code is stopped', () => existsSync(ended), 20_000);
      const next = name === 'pipe' ? await open('pipe') : caller;
      expect(await next.evaluate('1')).toEqual({ value: '1' });
      await next.facade[Symbol.asyncDispose]();
    },
  );

  test('health answers while a call takes long, and so do clients with sessions of their own', async () => {
    await using folder = await createTestFolder();
    const [begun, go] = [join(folder.path, 'begun'), join(folder.path, 'go')];
    const api = await open('api');
    const code = `import os, time\nopen(${JSON.stringify(begun)}, 'w').close()\nwhile not os.path.exists(${JSON.stringify(go)}): time.sleep(0.001)\n'gone on'`;
    const long = api.evaluate(code);
    await until('the code runs', () => existsSync(begun), 20_000);
    for (const base of [gateway.http, gateway.rpc]) {
      const health = await exchange(base, 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
      expect(JSON.parse(health.text)).toEqual({ status: 'ok' });
    }
    const [one, two] = await Promise.all([open('pipe'), open('pipe')]);
    await Promise.all([one.evaluate('x = 1'), two.evaluate('x = 2')]);
    expect(await Promise.all([one.evaluate('x'), two.evaluate('x')])).toEqual([{ value: '1' }, { value: '2' }]);
    await (await open('pipe')).evaluate(`open(${JSON.stringify(go)}, 'w').close()`);
    expect(await long).toEqual({ value: '"gone on"' });
  });

  test('two clients of one session are answered each with its own', async () => {
    const [one, two] = await Promise.all([open('api'), open('rpc')]);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? one : two).evaluate(`${i} + 0`)),
    );
    expect(answers).toEqual(Array.from({ length: 40 }, (_, i) => ({ value: String(i) })));
  });

  test('code that ends its process is an error, and the session is there again', async () => {
    const api = await open('api');
    const before = await api.wrap('1');
    expect((await api.evaluate('import os; os._exit(3)')).fault).toBe('code');
    expect((await api.call(before.handleId, '__index__')).fault).toBe('handle');
    expect(await api.evaluate('1')).toEqual({ value: '1' });
  });
});

test('without a token, the default lets nobody in but over the pipe, and says what would', async () => {
  await using gateway = await startGateway();
  for (const url of [`${gateway.http}/api/import`, `${gateway.http}/import`]) {
    const { status, text } = await post(url, '{"moduleName":"math"}');
    expect(status, url).toBe(401);
    expect(text).toContain('--auth same-user');
  }
  const rpc = await post(`${gateway.rpc}/rpc/PythonService/ImportModule`, '{"ModuleName":"math"}');
  expect([rpc.status, rpc.text.includes('--auth same-user')]).toEqual([401, true]);
  const stub = createClient(PythonService, createGrpcTransport({ baseUrl: gateway.rpc }));
  const refused = await stub.importModule({ moduleName: 'math' }).catch(ConnectError.from);
  expect(refused).toMatchObject({
    code: Code.Unauthenticated,
    rawMessage: expect.stringContaining('--auth same-user'),
  });
  const pipe = client(await facades.pipe(gateway));
  expect(await pipe.evaluate('1')).toEqual({ value: '1' });
  await pipe.facade[Symbol.asyncDispose]();
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${gateway.token()}` };
  const body = '{"moduleName":"math"}';
  expect((await fetch(`${gateway.http}/api/import`, { method: 'POST', headers, body })).status).toBe(200);
});

test('what nobody uses for its time goes with its session, and the next call has a new one', async () => {
  await using gateway = await startGateway({
    flags: ['--auth', 'same-user', '--default-session-idle-timeout-ms', '1s'],
  });
  for (const name of ['api', 'pipe'] as const) {
    await using folder = await createTestFolder();
    await using facade = await facades[name](gateway);
    const { evaluate, wrap, call } = client(facade);
    const { handleId } = await wrap('[1]');
    const ended = join(folder.path, 'ended');
    await evaluate(`import atexit\natexit.register(lambda: open(${JSON.stringify(ended)}, 'w').close())\nNone`);
    await until('the session ends', () => existsSync(ended), 20_000);
    // While it does, it says so.
    await until('another is there', async () => (await call(handleId, '__len__')).fault === 'handle');
    expect(await evaluate('1')).toEqual({ value: '1' });
  }
});
