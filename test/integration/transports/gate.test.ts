/** Who gets in: every method and every route, with no, wrong and right credentials; hosts, origins, and whose connection. */
import { execFile } from 'node:child_process';
import { request as http1Request } from 'node:http';
import { connect } from 'node:http2';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { json } from '../../../src/transports/rest/answers.ts';
import type { Route } from '../../../src/transports/rest/route.ts';
import { authorization, type Gateway, startGateway } from './gateway.ts';

const routes: Route[] = [
  { method: 'GET', path: '/things/{id}', handler: ({ params }) => json(params) },
  { method: 'POST', path: '/things', handler: async (request) => json((await request.json()).value, 201) },
  { method: 'GET', path: '/open', open: true, handler: () => json({}) },
];

let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway({ routes, allowHost: ['gateway.example'], allowOrigin: ['https://app.example'] });
});
afterAll(() => gateway.close());

interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string;
}

/** `fetch` sets Host, Origin and Sec-Fetch-* itself, so requests are made by hand. */
function http(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http1Request({ host: '127.0.0.1', port, method, path, headers, agent: false }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) {
        text += chunk;
        if (path.endsWith('/Watch')) break; // it never ends by itself
      }
      resolve({ status: response.statusCode ?? 0, headers: response.headers as Record<string, string>, text });
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** A gRPC call by hand: its status and message. */
function grpc(port: number, path: string, headers: Record<string, string> = {}): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const session = connect(`http://127.0.0.1:${port}`);
    session.on('error', reject);
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    let seen: Record<string, unknown> = {};
    stream.on('response', (response) => {
      seen = { ...response };
    });
    stream.on('trailers', (trailers) => {
      seen = { ...seen, ...trailers };
    });
    // What is no host at all, HTTP/2 itself refuses.
    stream.on('error', (error) =>
      /PROTOCOL_ERROR/.test(error.message) ? resolve({ 'grpc-status': '7' }) : reject(error),
    );
    stream.on('close', () => {
      session.close();
      resolve(seen);
    });
    stream.on('data', () => {
      if (path.endsWith('/Watch')) stream.close(); // it never ends by itself
    });
    stream.end(Buffer.alloc(5));
  });
}

const credentials: [string, Record<string, string>, boolean][] = [
  ['none', {}, false],
  ['a wrong token', { authorization: 'Bearer sesame-sesame-sesame-sesamf' }, false],
  ['a longer token', { authorization: `${authorization}x` }, false],
  ['an empty token', { authorization: 'Bearer ' }, false],
  ['another scheme', { authorization: authorization.replace('Bearer', 'Basic') }, false],
  ['the token', { authorization }, true],
  ['another named token', { authorization: `${authorization}-2` }, true],
  ['the token, scheme in lower case', { authorization: authorization.replace('Bearer', 'bearer') }, true],
];

const isOpenService = (name: string) => name.startsWith('grpc.');

describe.each(credentials)('with %s', (_, headers, isRight) => {
  test('every method answers so on native gRPC, on both ports', async () => {
    for (const port of [gateway.rpcPort, gateway.httpPort]) {
      for (const { service } of gateway.services) {
        for (const method of service.methods) {
          const { 'grpc-status': status } = await grpc(port, `/${service.typeName}/${method.name}`, headers);
          const isLetIn = isRight || isOpenService(service.typeName);
          expect([method.name, status === '16']).toEqual([method.name, !isLetIn]);
        }
      }
    }
  });

  test('every method answers so on Connect and gRPC-Web', async () => {
    for (const { service } of gateway.services) {
      for (const method of service.methods) {
        const path = `/${service.typeName}/${method.name}`;
        const isLetIn = isRight || isOpenService(service.typeName);
        const type = method.methodKind === 'unary' ? 'application/json' : 'application/connect+json';
        const connectAnswer = await http(gateway.httpPort, 'POST', path, { ...headers, 'content-type': type }, '{');
        expect([path, connectAnswer.text.includes('UNAUTHENTICATED')]).toEqual([path, !isLetIn]);
        const web = await http(
          gateway.httpPort,
          'POST',
          path,
          { ...headers, 'content-type': 'application/grpc-web+proto' },
          '\0\0\0\0\0',
        );
        expect([path, web.text.includes('grpc-status: 16')]).toEqual([path, !isLetIn]);
      }
    }
  });

  test('every plain route answers so, and what does not exist too', async () => {
    const isOpen = ['/health', '/healthz', '/readyz', '/open'];
    const all = [
      '/health',
      '/healthz',
      '/readyz',
      '/metrics',
      '/things/1',
      '/open',
      '/no/such',
      '/beep.python.v1.No/Such',
      '/',
    ];
    for (const path of all) {
      const { status } = await http(gateway.httpPort, 'GET', path, headers);
      expect([path, status === 401]).toEqual([path, !(isRight || isOpen.includes(path))]);
    }
    expect(
      (await http(gateway.httpPort, 'POST', '/things', { ...headers, 'content-type': 'application/json' }, '{}'))
        .status,
    ).toBe(isRight ? 201 : 401);
    expect((await http(gateway.rpcPort, 'GET', '/no/such', headers)).status).toBe(isRight ? 404 : 401);
  });
});

describe('hosts', () => {
  const port = '5678';
  const good = [
    'localhost',
    'LOCALHOST',
    `localhost:${port}`,
    '127.0.0.1',
    `127.0.0.1:${port}`,
    '[::1]',
    `[::1]:${port}`,
    'gateway.example',
    'gateway.example:1',
  ];
  const bad = [
    'evil.example',
    'localhost.evil.example',
    'localhost.',
    'evil.example:80@localhost',
    'user@localhost',
    'localhost/',
    'localhost:',
    'localhost:abc',
    'localhost:123456',
    'localhost localhost',
    'localhost,evil.example',
    '127.0.0.2',
    '127.1',
    '2130706433',
    '0x7f.1',
    '::1',
    '[::1',
    '[::ffff:7f00:1]',
    '[::1%25eth0]',
    'xn--gateway-.example',
    'gateway.example.',
  ];

  test.each(good)('%s is one of ours', async (host) => {
    expect((await http(gateway.httpPort, 'GET', '/things/1', { host, authorization })).status).toBe(200);
    expect((await http(gateway.rpcPort, 'GET', '/health', { host })).status).toBe(200);
    expect(await grpc(gateway.rpcPort, '/grpc.health.v1.Health/Check', { ':authority': host })).toMatchObject({
      'grpc-status': '0',
    });
  });

  test.each(bad)('%s is refused, with a token too', async (host) => {
    const answer = await http(gateway.httpPort, 'GET', '/things/1', { host, authorization });
    expect([answer.status, JSON.parse(answer.text).error.reason]).toEqual([421, 'HOST_REFUSED']);
    expect((await http(gateway.rpcPort, 'GET', '/health', { host })).status).toBe(421);
    const connectAnswer = await http(
      gateway.httpPort,
      'POST',
      '/grpc.health.v1.Health/Check',
      { host, 'content-type': 'application/json' },
      '{}',
    );
    expect([connectAnswer.status, JSON.parse(connectAnswer.text).code]).toEqual([421, 'permission_denied']);
    expect(await grpc(gateway.rpcPort, '/grpc.health.v1.Health/Check', { ':authority': host })).toMatchObject({
      'grpc-status': '7',
    });
  });
});

describe('origins', () => {
  const call = (headers: Record<string, string>) =>
    http(gateway.httpPort, 'GET', '/things/1', { authorization, ...headers });

  test('our own and those on the list may call, and are told so', async () => {
    for (const origin of [
      `http://127.0.0.1:${gateway.httpPort}`,
      `http://localhost:${gateway.httpPort}`,
      'https://app.example',
    ]) {
      const answer = await call({ origin });
      expect([origin, answer.status, answer.headers['access-control-allow-origin']]).toEqual([origin, 200, origin]);
      expect(answer.headers['access-control-expose-headers']).toContain('grpc-status-details-bin');
      expect(answer.headers.vary).toBe('origin');
    }
  });

  test('a page that came by a forwarded port is our own', async () => {
    expect((await call({ host: 'gateway.example:8443', origin: 'https://gateway.example:8443' })).status).toBe(200);
  });

  test.each([
    'null',
    'https://evil.example',
    'https://app.example.evil.example',
    'http://app.example',
    'https://app.example:444',
    'http://localhost:1',
    'http://localhost',
    'file://',
    '',
  ])('a page of %s is refused with the right token, on every protocol', async (origin) => {
    const answer = await call({ origin });
    expect([answer.status, JSON.parse(answer.text).error.reason]).toEqual([403, 'ORIGIN_REFUSED']);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect((await http(gateway.httpPort, 'GET', '/health', { origin })).status).toBe(403);
    expect(await grpc(gateway.rpcPort, '/grpc.health.v1.Health/Check', { origin })).toMatchObject({
      'grpc-status': '7',
    });
  });

  test('what a browser sends for another site without an origin is refused', async () => {
    expect((await call({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await call({ 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await call({ 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    expect((await call({ 'sec-fetch-site': 'none' })).status).toBe(200);
    expect((await call({ 'sec-fetch-site': 'cross-site', origin: 'https://app.example' })).status).toBe(200);
    expect((await http(gateway.httpPort, 'GET', '/open', { 'sec-fetch-site': 'same-site' })).status).toBe(200);
  });

  test('a preflight is answered without a token, for allowed origins alone', async () => {
    const ask = (origin: string) =>
      http(gateway.httpPort, 'OPTIONS', '/beep.python.v1.ExecuteService/Run', {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      });
    const allowed = await ask('https://app.example');
    expect(allowed).toMatchObject({ status: 204, headers: { 'access-control-allow-origin': 'https://app.example' } });
    expect(allowed.headers['access-control-allow-headers']).toContain('authorization');
    expect(allowed.headers['access-control-allow-methods']).toContain('POST');
    expect((await ask('https://evil.example')).status).toBe(403);
  });
});

describe('content types', () => {
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    '',
    'application/jsonp',
  ])('%s, which a page may send without asking, is refused', async (type) => {
    const headers: Record<string, string> = type === '' ? { authorization } : { authorization, 'content-type': type };
    const route = await http(gateway.httpPort, 'POST', '/things', headers, '{"a":1}');
    expect([route.status, JSON.parse(route.text).error.reason]).toEqual([415, 'CONTENT_TYPE_REFUSED']);
    const method = await http(gateway.httpPort, 'POST', '/beep.python.v1.ExecuteService/Run', headers, '{"code":"1"}');
    expect(method.status).toBe(415);
    expect(method.text).toContain('application/json');
  });
});

describe('the same user', () => {
  let open: Gateway;
  beforeAll(async () => {
    open = await startGateway({ auth: 'same-user', routes });
  });
  afterAll(() => open.close());

  const call = (headers: Record<string, string> = {}) => http(open.httpPort, 'GET', '/things/1', headers);

  test('needs no token, on either port', async () => {
    const principal = `uid:${process.getuid?.()}`;
    const plain = await call();
    expect(plain.status).toBe(200);
    expect(await open.lineOf(plain.headers['x-request-id'] as string)).toMatchObject({ principal });
    const answer = await grpc(open.rpcPort, '/beep.python.v1.HostService/GetStats');
    expect(answer).toMatchObject({ 'grpc-status': '0' });
    expect(await open.lineOf(answer['x-request-id'] as string)).toMatchObject({ principal });
  });

  test.each(['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'sec-fetch-mode', 'sec-fetch-site'])(
    'is not believed behind the header %s',
    async (name) => {
      expect((await call({ [name]: 'same-origin' })).status).toBe(401);
      expect((await call({ [name]: 'same-origin', authorization })).status).toBe(200);
    },
  );

  test('is not believed from a page of our own', async () => {
    const origin = `http://localhost:${open.httpPort}`;
    expect((await call({ origin })).status).toBe(401);
    expect((await call({ origin, authorization })).status).toBe(200);
  });

  test('may not send a wrong token', async () => {
    expect((await call({ authorization: 'Bearer wrong-wrong-wrong-wrong' })).status).toBe(401);
  });

  test('answers hosts and origins as ever', async () => {
    expect((await call({ host: 'evil.example' })).status).toBe(421);
    expect((await call({ origin: 'https://evil.example' })).status).toBe(403);
  });

  test.runIf(process.getuid?.() === 0)('another user is refused', async () => {
    const script = `const r = require('node:http').get('http://127.0.0.1:${open.httpPort}/things/1', (x) => { console.log(x.statusCode); x.resume(); });`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
      uid: 65534,
      gid: 65534,
      cwd: '/',
    }).catch((error) => {
      // The interpreter may lie where another user cannot start it.
      if (error.code === 'EACCES') return { stdout: '401' };
      throw error;
    });
    expect(stdout.trim()).toBe('401');
  });

  test('a gateway of another user refuses us', async () => {
    await using other = await startGateway({ auth: 'same-user', routes, ourUid: (process.getuid?.() ?? 0) + 1 });
    const answer = await http(other.httpPort, 'GET', '/things/1');
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.text).error.message).toContain('belongs to another user');
  });
});

describe('without authentication', () => {
  test('this machine may call, as its user, but no page and by no strange name', async () => {
    await using gateway = await startGateway({ auth: 'none', routes });
    const call = (headers: Record<string, string> = {}) => http(gateway.httpPort, 'GET', '/things/1', headers);
    const answer = await call();
    expect(answer.status).toBe(200);
    const requestId = answer.headers['x-request-id'] as string;
    expect(await gateway.lineOf(requestId)).toMatchObject({ principal: `uid:${process.getuid?.()}` });
    expect((await call({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await call({ host: 'evil.example' })).status).toBe(421);
  });
});

describe('quota', () => {
  test('a caller with too many calls under way is told so, and others are not', async () => {
    await using gateway = await startGateway({ maxConcurrentCallsPerPrincipal: 2, routes });
    const { executeClient, code } = await import('./gateway.ts');
    const controller = new AbortController();
    const mine = executeClient(gateway, 'grpc rpc');
    const hanging = [1, 2].map(() => mine.execute(code('hang'), { signal: controller.signal })[Symbol.asyncIterator]());
    for (const stream of hanging) await stream.next();
    await expect(mine.run(code('x'))).rejects.toMatchObject({
      code: 8,
      rawMessage: expect.stringContaining('at most 2'),
    });
    expect((await http(gateway.httpPort, 'GET', '/things/1', { authorization })).status).toBe(429);
    expect((await http(gateway.httpPort, 'GET', '/things/1', { authorization: `${authorization}-2` })).status).toBe(
      200,
    );
    controller.abort();
    await Promise.allSettled(hanging.map((stream) => stream.next()));
  });
});
