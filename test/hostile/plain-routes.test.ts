/** Requests over HTTP/1.1 that no client of ours would send. */
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { peakMemoryBytes } from './memory.ts';
import { sendRaw } from './raw.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

/** Whatever was sent, the next caller finds nothing wrong. */
afterEach(async () => {
  const response = await call('POST', '/execute', '{"code":"6 * 7"}');
  expect(await response.json()).toMatchObject({ result: 42, outcome: 'OK' });
});

const runMethod = '/beep.python.v1.ExecuteService/Run';

function call(method: string, path: string, body?: string | Uint8Array, headers: Record<string, string> = {}) {
  return fetch(gateway.http + path, {
    method,
    headers: {
      authorization: `Bearer ${gateway.token()}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: (body as string) ?? null, // bytes are fine too
  });
}

async function expectError(response: Response, status: number, reason: string, message?: string): Promise<void> {
  const text = await response.text();
  expect([response.status, text]).toEqual([status, expect.stringContaining(reason)]);
  const { error } = JSON.parse(text);
  expect(error).toMatchObject({ reason, requestId: expect.stringMatching(/./) });
  expect(error.message).not.toMatch(/[\n\r]|\/home\/|\.ts:/);
  if (message !== undefined) expect(error.message).toContain(message);
}

const wrongBodies: [body: string, word: string][] = [
  ['{"code": 1}', 'code'],
  ['{"code": null}', 'code'],
  ['{"code": ["1"]}', 'code'],
  ['{"code": {"a": 1}}', 'code'],
  ['{}', 'code'],
  ['', 'code'],
  ['{"code": "1", "timeout": "5"}', 'timeout'],
  ['{"code": "1", "timeout": -1}', 'timeout'],
  ['{"code": "1", "timeout": 1e300}', 'timeout'],
  ['{"code": "1", "timeout": true}', 'timeout'],
  ['{"code": "1", "sessionId": 7}', 'sessionId'],
  ['{"code": "1", "executionId": {}}', 'executionId'],
  ['{"code": "1", "venv": 3}', 'venv'],
  ['{"code": "1", "venv": "default", "sessionId": "5b1c0a5e-6c43-4a8e-9d0e-9f6a3f9d5a11"}', 'venv'],
  ['{"code": "1", "env": {"A": 1}}', 'env'],
  ['{"code": "1", "env": []}', 'env'],
  ['{"code": "1", "detach": "yes"}', 'detach'],
  ['{"code": "1", "stdin": 5}', 'stdin'],
  ['{"code": "\\ud800"}', 'code'],
  ['[]', 'object'],
  ['"text"', 'object'],
  ['1', 'object'],
  ['null', 'object'],
  ['{', 'JSON'],
  ['{"code": "1"}x', 'JSON'],
  ["{'code': '1'}", 'JSON'],
  [`${'['.repeat(100_000)}`, 'nested'],
  [`{"code": ${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`, 'nested'],
];
test.each([
  ['POST', '/execute', '{"code": "1", "timeout": ?}', 31_536_000],
  ['POST', '/sessions', '{"idleTimeout": ?}', 31_536_000],
  ['POST', '/sessions', '{"limits": {"cpuSeconds": ?}}', 31_536_000],
  ['POST', '/sessions/none/interrupt', '{"grace": ?}', 3600],
  ['GET', '/executions/none?wait=?', undefined, 86_400],
])('%s %s %s says its own bound', async (method, path, body, most) => {
  const send = (seconds: number) => {
    const filled = (text: string) => text.replace(/\?(?=$|\})/, String(seconds));
    return body === undefined ? call(method, filled(path)) : call(method, path, filled(body));
  };
  for (const seconds of [-1, most + 1, 1e18]) {
    await expectError(await send(seconds), 400, 'INVALID_ARGUMENT', `must be a number of seconds from 0 to ${most}`);
  }
  expect((await send(most)).status, 'what the contract takes too').not.toBe(400);
});

test.each(shown(wrongBodies))('POST /execute %s', async (_, body, word) => {
  await expectError(await call('POST', '/execute', body), 400, 'INVALID_ARGUMENT', word);
});

/** With a title of bounded length in front. */
function shown<Row extends [string, ...unknown[]]>(rows: readonly Row[]): [string, ...Row][] {
  return rows.map((row) => [row[0].slice(0, 60), ...row]);
}

test('a body that is not UTF-8', async () => {
  const body = Buffer.concat([Buffer.from('{"code": "'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
  await expectError(await call('POST', '/execute', body), 400, 'INVALID_ARGUMENT', 'UTF-8');
});

test.each([
  '{}',
  '{"text": ""}',
  '{"text": 5}',
  '{"text": ["x"]}',
  '{"text": "\\ud800"}',
  '{"eof": "yes"}',
  '{"text": "x", "requestId": -1}',
  '{"text": "x", "requestId": 4294967296}',
  '{"text": "x", "requestId": "1"}',
  '[]',
])('input of %s', async (body) => {
  await expectError(await call('POST', '/executions/any/input', body), 400, 'INVALID_ARGUMENT');
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
  'a body of the type %j, which any page may send, is refused',
  async (type) => {
    const response = await call('POST', '/execute', Buffer.from('{"code":"1"}'), { 'content-type': type });
    await expectError(response, 415, 'CONTENT_TYPE_REFUSED');
  },
);

describe('numbers in addresses', () => {
  test.each(['wait=x', 'wait=-1', 'wait=', 'wait=NaN', 'wait=1e99', 'wait=Infinity'])('?%s', async (query) => {
    await expectError(await call('GET', `/executions/any?${query}`), 400, 'INVALID_ARGUMENT', 'wait');
  });
  test.each(['from=', 'from=x', 'from=-1', 'from=1.5', 'from=1e3', 'from=99999999999999999999'])(
    '?%s',
    async (query) => {
      await expectError(await call('GET', `/executions/any/events?${query}`), 400, 'INVALID_ARGUMENT', 'from');
    },
  );
  test.each(['x', '-1', '1.5', '99999999999999999999'])('Last-Event-ID: %s', async (id) => {
    const response = await call('GET', '/executions/any/events', undefined, { 'last-event-id': id });
    await expectError(response, 400, 'INVALID_ARGUMENT', 'Last-Event-ID');
  });
  test.each(['offset=x', 'offset=', 'offset=1.5', 'offset=--1', 'offset=99999999999999999999'])(
    '?%s',
    async (query) => {
      const path = `/executions/any/output?stream=stdout&${query}`;
      await expectError(await call('GET', path), 400, 'INVALID_ARGUMENT', 'offset');
    },
  );
  test.each(['length=-1', 'length=x', 'length=1e3'])('?%s', async (query) => {
    const path = `/executions/any/output?stream=stderr&${query}`;
    await expectError(await call('GET', path), 400, 'INVALID_ARGUMENT', 'length');
  });
  test.each(['', 'stream=', 'stream=stdin', 'stream=1'])('output?%s', async (query) => {
    await expectError(await call('GET', `/executions/any/output?${query}`), 400, 'INVALID_ARGUMENT', 'stream');
  });
  test.each(['{"grace": -1}', '{"grace": "2"}', '{"grace": 1e9}', '{"kill": 1}'])('interrupt with %s', async (body) => {
    await expectError(await call('POST', '/sessions/any/interrupt', body), 400, 'INVALID_ARGUMENT');
  });
});

test.each([
  ['GET', '/nothing', 404, 'ROUTE_NOT_FOUND'],
  ['GET', '/execute', 405, 'METHOD_NOT_ALLOWED'],
  ['PUT', '/execute', 405, 'METHOD_NOT_ALLOWED'],
  ['DELETE', '/', 405, 'METHOD_NOT_ALLOWED'],
  ['GET', '/executions/', 404, 'ROUTE_NOT_FOUND'],
  ['GET', '/executions/%2e%2e%2fetc', 400, 'INVALID_ARGUMENT'],
  ['GET', '/executions/%00', 400, 'INVALID_ARGUMENT'],
  ['GET', '/executions/%ff', 400, 'INVALID_ARGUMENT'],
  ['GET', '/assets/../../package.json', 404, 'ROUTE_NOT_FOUND'],
  ['GET', '/assets/..%2f..%2fpackage.json', 404, 'ROUTE_NOT_FOUND'],
  ['POST', '/execute/', 404, 'ROUTE_NOT_FOUND'],
])('%s %s', async (method, path, status, reason) => {
  await expectError(await call(method, path), status, reason);
});

test('a method that is refused is told each of the others once', async () => {
  const { error } = (await (await call('GET', '/api/import')).json()) as { error: string };
  expect(error).toBe('method is not allowed here: GET; use POST');
});

const wrongMessages: [body: string, path: string, status: number, code: string][] = [
  ['{}', '/beep.python.v1.ExecuteService/Nothing', 501, 'unimplemented'],
  ['{}', '/no.such.Service/Run', 501, 'unimplemented'],
  ['{"code": 1}', runMethod, 400, 'invalid_argument'],
  ['{"code": "1", "sessionId": "a", "fresh": {}}', runMethod, 400, 'invalid_argument'],
  ['[]', runMethod, 400, 'invalid_argument'],
  ['{', runMethod, 400, 'invalid_argument'],
  ['', runMethod, 400, 'invalid_argument'],
  ['{"code": "\\ud800"}', runMethod, 400, 'invalid_argument'],
  [`{"code": ${'['.repeat(100_000)}`, runMethod, 400, 'invalid_argument'],
  ['{"code": "1", "maxOutputBytes": 9007199254740993}', runMethod, 400, 'invalid_argument'],
  ['{"code": "1", "maxOutputBytes": -1}', runMethod, 400, 'invalid_argument'],
  ['{"code": "1", "maxOutputBytes": 1.5}', runMethod, 400, 'invalid_argument'],
  ['{"code": "1", "timeout": "soon"}', runMethod, 400, 'invalid_argument'],
];
test.each(shown(wrongMessages))('Connect JSON: %s', async (_, body, path, status, code) => {
  const response = await call('POST', path, body);
  expect([response.status, await response.json()]).toEqual([status, expect.objectContaining({ code })]);
});

test('Connect JSON takes a large number as a text', async () => {
  const response = await call('POST', runMethod, '{"code": "1", "maxOutputBytes": "9007199254740993"}');
  expect(response.status).toBe(200);
});

test('a gzip bomb is refused before it is inflated', async () => {
  const bomb = gzipSync(Buffer.alloc(512 * 1024 * 1024));
  expect(bomb.length).toBeLessThan(1024 * 1024);
  const before = peakMemoryBytes(gateway.pid);
  const response = await call('POST', runMethod, bomb, { 'content-encoding': 'gzip' });
  expect([response.status, await response.json()]).toEqual([
    429,
    expect.objectContaining({ code: 'resource_exhausted' }),
  ]);
  const plain = await call('POST', '/execute', bomb, { 'content-encoding': 'gzip' });
  await expectError(plain, 415, 'CONTENT_TYPE_REFUSED', 'gzip');
  expect(peakMemoryBytes(gateway.pid) - before).toBeLessThan(150 * 1024 * 1024);
});

describe('Host and Origin', () => {
  const body = '{"code":"1"}';
  const raw = (path: string, ...headers: string[]) =>
    sendRaw(
      gateway.http,
      [
        `POST ${path} HTTP/1.1`,
        `Authorization: Bearer ${gateway.token()}`,
        'Content-Type: application/json',
        `Content-Length: ${body.length}`,
        'Connection: close',
        ...headers,
        '',
        body,
      ].join('\r\n'),
    );

  test.each(['/execute', runMethod])('%s without a Host', async (path) => {
    const answer = await raw(path);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('INVALID_ARGUMENT');
  });
  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:80', '[::2]', '', 'a b', 'localhost:x'])(
    'Host: %s',
    async (host) => {
      for (const path of ['/execute', runMethod]) {
        const answer = await raw(path, `Host: ${host}`);
        expect(answer).toMatch(/^HTTP\/1\.1 (400|421|403) /);
        expect(answer).toMatch(/HOST_REFUSED|INVALID_ARGUMENT/);
        expect(answer).not.toContain('"result":1');
      }
    },
  );
  test('two Hosts', async () => {
    const { host } = new URL(gateway.http);
    expect(await raw('/execute', `Host: ${host}`, 'Host: evil.example')).toMatch(/^HTTP\/1\.1 400 /);
  });
  test.each(['https://evil.example', 'null', 'http://localhost.evil.example', 'http://127.0.0.1:1'])(
    'Origin: %s',
    async (origin) => {
      for (const path of ['/execute', runMethod]) {
        const response = await call('POST', path, body, { origin });
        expect(response.status).toBe(403);
        expect(response.headers.get('access-control-allow-origin')).toBe(null);
        // Connect packs its details; the message names what was refused.
        expect(await response.text()).toContain('origin is not allowed');
      }
    },
  );
  test('a page of another site that hides its origin', async () => {
    const response = await call('POST', '/execute', body, { 'sec-fetch-site': 'cross-site' });
    await expectError(response, 403, 'ORIGIN_REFUSED');
  });
});

test.each([
  ['garbage', '\0\x01\x02garbage\r\n\r\n'],
  ['half a preface of HTTP/2', 'PRI * HT'],
  ['a preface and garbage', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${'\xff'.repeat(100)}`],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['headers without end', `GET / HTTP/1.1\r\nHost: localhost\r\n${'X: y\r\n'.repeat(20_000)}`],
  [
    'a length and a chunked body',
    'POST /execute HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
])('%s on both ports is an end of the connection, no more', async (_, text) => {
  for (const url of [gateway.http, gateway.rpc]) {
    const answer = await sendRaw(url, Buffer.from(text, 'latin1'), { andEnd: true });
    expect(answer).not.toContain('HTTP/1.1 200');
  }
});
