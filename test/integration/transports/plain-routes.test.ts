/** Plain routes: finding them, their bodies, answers of every kind, pages, and what the gateway says of itself. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errors } from '../../../src/errors.ts';
import { bytes, empty, json, ndjson, primed, sse } from '../../../src/transports/rest/answers.ts';
import { rawJson } from '../../../src/transports/rest/json.ts';
import { pageRoutes } from '../../../src/transports/rest/pages.ts';
import type { Route } from '../../../src/transports/rest/route.ts';
import { authorization, type Gateway, startGateway } from './gateway.ts';

const ended: string[] = [];

async function* counting(name: string, end: number, error?: Error) {
  try {
    for (let i = 1; i <= end; i++) yield { i };
    if (error) throw error;
  } finally {
    ended.push(name);
  }
}

const routes: Route[] = [
  {
    method: 'GET',
    path: '/things/{id}/parts/{part}',
    handler: ({ params, query }) => json({ params, query: [...query] }),
  },
  { method: 'GET', path: '/things/special', handler: () => json('special') },
  { method: 'GET', path: '/things/{id}', handler: ({ params }) => json(params) },
  { method: 'DELETE', path: '/things/{id}', handler: () => empty() },
  {
    method: 'POST',
    path: '/things',
    handler: async (request) => json({ sent: rawJson((await request.json()).text) }, 201, { location: '/things/1' }),
  },
  {
    method: 'PUT',
    path: '/bytes',
    handler: async (request) => {
      let size = 0;
      for await (const chunk of request.bytes('application/octet-stream')) size += chunk.length;
      return json({ size });
    },
  },
  {
    method: 'GET',
    path: '/bytes',
    handler: () => bytes(new Uint8Array([1, 2, 3]), 206, { 'content-range': 'bytes 0-2/10' }),
  },
  { method: 'GET', path: '/lines', handler: () => ndjson(counting('lines', 3)) },
  {
    method: 'GET',
    path: '/broken-lines',
    handler: () => ndjson(counting('broken-lines', 2, errors.workerLost('as asked'))),
  },
  {
    method: 'GET',
    path: '/refused-lines',
    handler: async () => ndjson(await primed(counting('refused', 0, errors.sessionNotFound('x')))),
  },
  {
    method: 'GET',
    path: '/events',
    handler: () =>
      sse(
        (async function* () {
          for await (const { i } of counting('events', 2)) yield { id: i, data: { i, text: 'a\nb' } };
        })(),
      ),
  },
  { method: 'GET', path: '/endless', handler: () => ndjson(counting('endless', Number.POSITIVE_INFINITY)) },
  { method: 'GET', path: '/throws', handler: () => Promise.reject(new Error('a secret of ours')) },
  { method: 'GET', path: '/full', handler: () => Promise.reject(errors.queueFull(64, 2000)) },
];

let gateway: Gateway;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'beep-pages-'));
  await mkdir(join(folder, 'assets', 'below'), { recursive: true });
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>page</title>');
  await writeFile(join(folder, 'assets', 'app.js'), 'console.log(1)');
  await writeFile(join(folder, 'assets', '.secret'), 'secret');
  await writeFile(join(folder, 'assets', 'below', 'app.js'), 'secret');
  await writeFile(join(folder, 'secret.html'), 'secret');
  gateway = await startGateway({ routes: [...routes, ...(await pageRoutes(folder))] });
});
afterAll(async () => {
  await gateway.close();
  await rm(folder, { recursive: true });
});

const call = (path: string, init: RequestInit = {}) =>
  fetch(`${gateway.httpUrl}${path}`, {
    ...init,
    headers: { authorization, ...(init.headers as Record<string, string>) },
  });
const post = (path: string, body: string, type = 'application/json') =>
  call(path, { method: 'POST', body, headers: { 'content-type': type } });

describe('finding', () => {
  test('names of the path are decoded, the query is given', async () => {
    expect(await (await call('/things/a%2Fb%20c/parts/%C3%A4?x=1&x=2&y=%26')).json()).toEqual({
      params: { id: 'a/b c', part: 'ä' },
      query: [
        ['x', '1'],
        ['x', '2'],
        ['y', '&'],
      ],
    });
  });

  test('a literal goes before a name', async () => {
    expect(await (await call('/things/special')).json()).toBe('special');
    expect(await (await call('/things/other')).json()).toEqual({ id: 'other' });
  });

  test.each([
    '/nothing',
    '/things/',
    '/things',
    '/things/1/',
    '//things/1',
    '/things/1/parts',
    '/THINGS/1',
    '/things/1/../2x/y',
  ])('there is nothing at GET %s', async (path) => {
    const answer = await call(path);
    const { error } = (await answer.json()) as { error: { reason: string; requestId: string } };
    expect([error.reason]).toEqual([path === '/things' ? 'METHOD_NOT_ALLOWED' : 'ROUTE_NOT_FOUND']);
    expect(error.requestId).toBe(answer.headers.get('x-request-id'));
  });

  test('a badly encoded path is refused', async () => {
    expect((await call('/things/%zz')).status).toBe(400);
  });

  test('another method is refused with those that are there', async () => {
    const answer = await call('/things/1', { method: 'PUT' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, DELETE']);
  });

  test('HEAD answers as GET, without the body', async () => {
    for (const [path, length] of [
      ['/things/1', '11'],
      ['/', '34'],
      ['/lines', null],
    ] as const) {
      const answer = await call(path, { method: 'HEAD' });
      expect([answer.status, answer.headers.get('content-length'), await answer.text()]).toEqual([200, length, '']);
    }
  });
});

describe('bodies', () => {
  test('JSON comes as value and as text, so that no digit is lost', async () => {
    const text = '{"a": 12345678901234567890, "b": 2.0, "c": 1e400}';
    const answer = await post('/things', text);
    expect([answer.status, answer.headers.get('location')]).toEqual([201, '/things/1']);
    expect(await answer.text()).toBe(`{"sent":${text}}\n`);
  });

  test('an empty body is an empty object', async () => {
    expect(await (await call('/things', { method: 'POST' })).text()).toBe('{"sent":{}}\n');
  });

  test('bytes come in pieces, beyond the limit of messages', async () => {
    const answer = await call('/bytes', {
      method: 'PUT',
      body: new Uint8Array(3_000_000),
      headers: { 'content-type': 'application/octet-stream' },
    });
    expect(await answer.json()).toEqual({ size: 3_000_000 });
    expect((await call('/bytes', { method: 'PUT', body: 'x' })).status).toBe(415);
  });
});

describe('answers', () => {
  test('no content', async () => {
    expect((await call('/things/1', { method: 'DELETE' })).status).toBe(204);
  });

  test('bytes with headers of their own', async () => {
    const answer = await call('/bytes');
    expect([answer.status, answer.headers.get('content-range'), new Uint8Array(await answer.arrayBuffer())]).toEqual([
      206,
      'bytes 0-2/10',
      new Uint8Array([1, 2, 3]),
    ]);
  });

  test('lines', async () => {
    const answer = await call('/lines');
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    expect(await answer.text()).toBe('{"i":1}\n{"i":2}\n{"i":3}\n');
  });

  test('a stream that breaks says why in its last line, and counts as failed', async () => {
    const answer = await call('/broken-lines');
    const lines = (await answer.text()).trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[2] as string)).toMatchObject({
      error: { reason: 'WORKER_LOST', requestId: answer.headers.get('x-request-id') },
    });
    expect(await gateway.lineOf(answer.headers.get('x-request-id'))).toMatchObject({ code: 'WORKER_LOST' });
  });

  test('a stream that is refused before its first value has a status', async () => {
    expect((await call('/refused-lines')).status).toBe(404);
  });

  test('server-sent events', async () => {
    const answer = await call('/events');
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(await answer.text()).toBe('id: 1\ndata: {"i":1,"text":"a\\nb"}\n\nid: 2\ndata: {"i":2,"text":"a\\nb"}\n\n');
  });

  test('a reader that leaves ends the stream', async () => {
    const answer = await call('/endless');
    await answer.body?.cancel();
    await expect.poll(() => ended).toContain('endless');
  });

  test('what breaks tells nothing', async () => {
    const answer = await call('/throws');
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('secret');
  });

  test('a refusal that passes says when to try again', async () => {
    const answer = await call('/full');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '2']);
    expect(await answer.json()).toMatchObject({
      error: { reason: 'QUEUE_FULL', metadata: { waiting: '64' }, retryAfterSeconds: 2 },
    });
  });

  test('nothing may be kept by what is in between', async () => {
    for (const path of ['/things/1', '/lines', '/nothing', '/health'])
      expect((await call(path)).headers.get('cache-control')).toBe('no-store');
  });
});

describe('pages', () => {
  test('are open, with headers that keep them to themselves', async () => {
    for (const [path, type] of [
      ['/', 'text/html; charset=utf-8'],
      ['/assets/app.js', 'text/javascript; charset=utf-8'],
    ]) {
      const answer = await fetch(`${gateway.httpUrl}${path}`);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type]);
      expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      const again = await fetch(`${gateway.httpUrl}${path}`, {
        headers: { 'if-none-match': answer.headers.get('etag') as string },
      });
      expect(again.status).toBe(304);
    }
  });

  test.each([
    '/assets/.secret',
    '/assets/below/app.js',
    '/secret.html',
    '/assets/',
    '/assets/..%2Fsecret.html',
    '/assets/%2e%2e/secret.html',
    '/index.html',
  ])('%s is not among them', async (path) => {
    const answer = await call(path);
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain('secret\n');
  });
});

describe('what the gateway says of itself', () => {
  test('whether it lives and is ready', async () => {
    let isReady = false;
    await using other = await startGateway({ isReady: () => isReady });
    const status = async (path: string) => (await fetch(`${other.httpUrl}${path}`)).status;
    expect([await status('/health'), await status('/healthz'), await status('/readyz')]).toEqual([200, 200, 503]);
    isReady = true;
    expect(await status('/readyz')).toBe(200);
    expect(await (await fetch(`${other.rpcUrl}/health`)).json()).toEqual({ status: 'ok' });
  });

  test('measurements name procedures, and never a path that a caller made up', async () => {
    await call('/no/such/path/of/mine');
    await call('/things/7');
    const text = await (await call('/metrics')).text();
    expect(text).toContain('beep_python_calls_total{procedure="GET /things/{id}",protocol="http",reason="OK"}');
    expect(text).toContain('procedure="unknown"');
    expect(text).not.toContain('of/mine');
  });
});
