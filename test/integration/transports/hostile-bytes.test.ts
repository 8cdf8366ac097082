/** Sockets that say nonsense, too little, too much, or nothing: each gets a clear answer or is cut off, and the gateway lives. */
import { connect as connectHttp2, constants } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { json } from '../../../src/transports/rest/answers.ts';
import { authorization, code, executeClient, type Gateway, maxMessageBytes, startGateway } from './gateway.ts';

let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway({
    routes: [{ method: 'POST', path: '/echo', handler: async (request) => json((await request.json()).value) }],
    timeouts: { firstByteTimeoutMs: 300, headersTimeoutMs: 300, bodyIdleTimeoutMs: 300, pingIntervalMs: 1000 },
  });
});
afterAll(() => gateway.close());
// Whatever was sent, the next caller is served.
afterEach(async () => {
  expect((await executeClient(gateway, 'grpc rpc').run(code('alive'))).text).toBe('alive');
  expect((await fetch(`${gateway.httpUrl}/health`)).status).toBe(200);
});

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** All that comes until the other side ends it. */
async function rest(socket: Socket): Promise<string> {
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  await new Promise((resolve) => {
    socket.once('end', resolve);
    socket.once('close', resolve);
  });
  socket.destroy();
  return text;
}

async function say(port: number, text: string | Buffer): Promise<string> {
  const socket = await open(port);
  socket.write(text);
  return await rest(socket);
}

const bearer = `Authorization: ${authorization}`;

describe.each(['httpPort', 'rpcPort'] as const)('%s', (name) => {
  const port = () => gateway[name];

  test('a request without a Host is refused with a reason', async () => {
    const answer = await say(port(), 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"reason":"INVALID_ARGUMENT"');
    expect(answer).toContain('send a Host header');
  });

  test.each(['', ' ', ':', '[', 'http://x', '\xff\xfe', 'a'.repeat(300)])(
    'a malformed Host %j is refused',
    async (host) => {
      expect(await say(port(), `GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).toMatch(
        /^HTTP\/1\.1 4(00|21) /,
      );
      const method = 'POST /beep.python.v1.ExecuteService/Run HTTP/1.1';
      const type = 'Content-Type: application/json\r\nContent-Length: 2';
      expect(
        await say(port(), `${method}\r\nHost: ${host}\r\n${type}\r\n${bearer}\r\nConnection: close\r\n\r\n{}`),
      ).toMatch(/^HTTP\/1\.1 4(00|21) /);
    },
  );

  test('two Hosts are refused', async () => {
    expect(
      await say(port(), 'GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n'),
    ).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('a proxy request is refused', async () => {
    expect(
      await say(port(), 'GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'),
    ).toMatch(/^HTTP\/1\.1 400 /);
    expect(await say(port(), 'CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n')).toBe('');
  });

  test.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['TLS', Buffer.from('16030100c8010000c40303', 'hex')],
    ['a header without a colon', 'GET / HTTP/1.1\r\nHost localhost\r\n\r\n'],
    [
      'both lengths',
      'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['two lengths', 'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n'],
    ['a negative length', 'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n'],
  ])('%s is answered as malformed', async (_, bytes) => {
    const answer = await say(port(), bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(answer.split('\r\n\r\n')[1] as string).error.reason).toBe('INVALID_ARGUMENT');
  });

  test('headers without end are refused', async () => {
    expect(await say(port(), `GET /health HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
  });

  test('a connection that says nothing is closed', async () => {
    expect(await rest(await open(port()))).toBe('');
  });

  test.each(['P', 'PR', 'PRI'])('a connection that stops after %j is closed', async (bytes) => {
    expect(await say(port(), bytes)).toBe('');
  });

  test('a first byte that ends the connection is no harm', async () => {
    const socket = await open(port());
    socket.end('P');
    expect(await rest(socket)).toBe('');
  });

  test('headers that come slower than they may are cut off', async () => {
    const socket = await open(port());
    socket.write('GET /health HTTP/1.1\r\nHost: local');
    expect(await rest(socket)).toMatch(/^HTTP\/1\.1 408 |^$/);
  });

  test('HTTP/2 that stops after its preface is closed', async () => {
    await say(port(), 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  });

  test('HTTP/2 with garbage after its preface is closed', async () => {
    await say(port(), Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.alloc(300, 0xff)]));
  });

  test('the preface may come byte by byte', async () => {
    const socket = await open(port());
    for (const byte of 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n') {
      socket.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.write(Buffer.from('000000040000000000', 'hex')); // empty SETTINGS
    const first = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
    expect(first[3]).toBe(4); // SETTINGS back
    socket.destroy();
  });

  test('gRPC that stops within its message is answered and given up', async () => {
    const trailers = await grpcFrames(port(), [Buffer.from([0, 0, 0, 0, 9, 1])], { endStream: false });
    expect(trailers['grpc-status']).toBe('4');
  });

  test('gRPC that ends within its message is refused', async () => {
    expect((await grpcFrames(port(), [Buffer.from([0, 0, 0, 0, 9, 1])]))['grpc-status']).toBe('3');
    expect((await grpcFrames(port(), []))['grpc-status']).toBe('3');
  });

  test('gRPC bytes that are no message are refused by the name of the message', async () => {
    const trailers = await grpcFrames(port(), [Buffer.from([0, 0, 0, 0, 3, 255, 255, 255])]);
    expect(trailers).toMatchObject({
      'grpc-status': '3',
      'grpc-message': expect.stringContaining('beep.python.v1.ExecuteRequest'),
    });
  });

  test('a gRPC message that says that it is too large is refused at once', async () => {
    expect(
      (await grpcFrames(port(), [Buffer.from([0, 255, 255, 255, 255])], { endStream: false }))['grpc-status'],
    ).toBe('8');
  });

  test('a gRPC message that inflates beyond the limit is refused', async () => {
    const bomb = gzipSync(Buffer.alloc(maxMessageBytes * 20));
    expect((await grpcFrames(port(), [frame(bomb, 1)], { encoding: 'gzip' }))['grpc-status']).toBe('8');
    expect((await grpcFrames(port(), [frame(Buffer.from('no gzip'), 1)], { encoding: 'gzip' }))['grpc-status']).toBe(
      '3',
    );
    expect((await grpcFrames(port(), [frame(bomb, 1)], { encoding: 'snappy' }))['grpc-status']).toBe('12');
  });

  test('gRPC with another method, path or timeout is refused with a reason', async () => {
    expect((await grpcFrames(port(), [], { method: 'GET' }))['grpc-status']).toBe('3');
    expect(await grpcFrames(port(), [], { path: '/no.Such/Method' })).toMatchObject({
      'grpc-status': '12',
      'grpc-message': expect.stringContaining('/no.Such/Method'),
    });
    expect((await grpcFrames(port(), [], { timeout: 'soon' }))['grpc-status']).toBe('3');
  });

  test('a caller that goes on sending after its answer is cut off', async () => {
    const session = connectHttp2(`http://127.0.0.1:${port()}`);
    session.on('error', () => {});
    const stream = session.request(
      { ':method': 'POST', ':path': '/beep.python.v1.ExecuteService/Run', 'content-type': 'application/grpc' },
      { endStream: false },
    );
    stream.on('error', () => {});
    stream.resume();
    await new Promise((resolve) => stream.once('close', resolve));
    expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
    session.destroy();
  });
});

describe('bodies of the HTTP port', () => {
  const post = (path: string, headers: string, body: string) =>
    say(
      gateway.httpPort,
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${bearer}\r\nConnection: close\r\n${headers}\r\n\r\n${body}`,
    );

  test('a body that stops is given up', async () => {
    expect(await post('/echo', 'Content-Type: application/json\r\nContent-Length: 100', '{')).toMatch(
      /^HTTP\/1\.1 504 /,
    );
    expect(
      await post('/beep.python.v1.ExecuteService/Run', 'Content-Type: application/json\r\nContent-Length: 100', '{'),
    ).toMatch(/^HTTP\/1\.1 504 /);
  });

  test('a body that says that it is too large is refused before it is sent', async () => {
    const length = `Content-Type: application/json\r\nContent-Length: ${maxMessageBytes + 1}`;
    expect(await post('/echo', length, '')).toMatch(/^HTTP\/1\.1 413 /);
    expect(await post('/beep.python.v1.ExecuteService/Run', length, '')).toContain('MESSAGE_TOO_LARGE');
  });

  test('a body that grows beyond the limit is refused', async () => {
    const chunk = `${(200_000).toString(16)}\r\n${'x'.repeat(200_000)}\r\n`;
    expect(
      await post('/echo', 'Content-Type: application/json\r\nTransfer-Encoding: chunked', chunk.repeat(6)),
    ).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('a body that inflates beyond the limit is refused', async () => {
    const bomb = gzipSync(JSON.stringify({ code: 'x'.repeat(maxMessageBytes * 20) })).toString('latin1');
    const socket = await open(gateway.httpPort);
    socket.write(
      `POST /beep.python.v1.ExecuteService/Run HTTP/1.1\r\nHost: localhost\r\n${bearer}\r\nConnection: close\r\n`,
    );
    socket.write(`Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`);
    socket.write(Buffer.from(bomb, 'latin1'));
    expect(await rest(socket)).toContain('MESSAGE_TOO_LARGE');
  });

  test.each([
    ['not JSON', '{"code": 1', /line 1, column 11/],
    ['another unknown thing', '[1,\n2,,3]', /line 2, column 3/],
    ['deep nesting', '['.repeat(10_000), /nested too deeply/],
    ['what is not UTF-8', '"\xff"', /not UTF-8/],
  ])('%s is refused with where', async (_, body, where) => {
    const answer = await say(
      gateway.httpPort,
      Buffer.from(
        `POST /echo HTTP/1.1\r\nHost: localhost\r\n${bearer}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        'latin1',
      ),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(where);
  });

  test.each([
    '{',
    '{"code": 5}',
    '{"code": 9007199254740993}',
    '[]',
    '"x"',
    `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`,
  ])('a Connect message %j that cannot be read is refused with details', async (body) => {
    const answer = await post(
      '/beep.python.v1.ExecuteService/Run',
      `Content-Type: application/json\r\nContent-Length: ${body.length}`,
      body,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"invalid_argument"');
    expect(answer).toContain('"reason":"INVALID_ARGUMENT"');
  });

  test.each([
    ['/echo', 415],
    ['/beep.python.v1.ExecuteService/Run', 501],
  ])('brotli to %s is refused by name', async (path, status) => {
    const body = brotliCompressSync('{"code": "1"}').toString('latin1');
    const socket = await open(gateway.httpPort);
    socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\n${bearer}\r\nConnection: close\r\n`);
    socket.write(`Content-Type: application/json\r\nContent-Encoding: br\r\nContent-Length: ${body.length}\r\n\r\n`);
    socket.write(Buffer.from(body, 'latin1'));
    const answer = await rest(socket);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^]*"message":"[^"]*\\W+br\\W`));
  });

  test('a number that JSON would round is refused, the same as a string is taken', async () => {
    const headers = { authorization, 'content-type': 'application/json' };
    const run = (body: string) =>
      fetch(`${gateway.httpUrl}/beep.python.v1.ExecuteService/Run`, { method: 'POST', headers, body });
    const refused = await run('{"code": "x", "generation": 9007199254740993}');
    expect(((await refused.json()) as { message: string }).message).toMatch(/beyond 2\^53.*as a string/);
    expect((await run('{"code": "9007199254740993 in a string is fine"}')).status).toBe(200);
  });

  test('a request to upgrade is answered as any other', async () => {
    const upgrade =
      'GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n';
    expect(await say(gateway.httpPort, upgrade)).toMatch(/^HTTP\/1\.1 200 /);
  });
});

function frame(message: Buffer, flags = 0): Buffer {
  const header = Buffer.from([flags, 0, 0, 0, 0]);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

interface GrpcOptions {
  endStream?: boolean;
  encoding?: string;
  method?: string;
  path?: string;
  timeout?: string;
}

function grpcFrames(port: number, chunks: Buffer[], options: GrpcOptions = {}): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const stream = session.request(
      {
        ':method': options.method ?? 'POST',
        ':path': options.path ?? '/beep.python.v1.ExecuteService/Run',
        'content-type': 'application/grpc+proto',
        authorization,
        te: 'trailers',
        ...(options.encoding && { 'grpc-encoding': options.encoding }),
        ...(options.timeout && { 'grpc-timeout': options.timeout }),
      },
      { endStream: false },
    );
    let seen = {};
    stream.on('response', (headers) => {
      seen = { ...headers };
    });
    stream.on('trailers', (trailers) => {
      seen = { ...seen, ...trailers };
    });
    stream.on('error', () => {});
    stream.on('end', () => {
      resolve(seen);
      session.destroy();
    });
    stream.resume();
    for (const chunk of chunks) stream.write(chunk);
    if (options.endStream !== false) stream.end();
  });
}
