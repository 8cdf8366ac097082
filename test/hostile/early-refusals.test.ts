/** Callers that send their whole request before they look at the answer, and close afterwards, as Python's urllib does. */
import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(async () => {
  expect((await fetch(`${gateway.http}/healthz`)).status).toBe(200);
  await gateway.stop();
});

const mebibyte = 1024 * 1024;

const urllib = `
import sys, urllib.error, urllib.request
url, token = sys.argv[1:]
headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
try:
    urllib.request.urlopen(urllib.request.Request(url, b"x" * (17 << 20), headers))
except urllib.error.HTTPError as refused:
    print(refused.code, refused.read().decode())
`;

interface Sent {
  /** What came before the end; undefined where the connection broke while the request was on its way. */
  readonly answer: string | undefined;
  readonly tookMs: number;
}

/** Sends everything, then reads until the other side ends. */
function sendThenRead(url: string, pieces: readonly (string | Buffer)[]): Promise<Sent> {
  const { hostname, port } = new URL(url);
  const began = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    let text = '';
    let isBroken = false;
    socket.pause();
    socket.setEncoding('latin1').on('data', (piece) => {
      text += piece;
    });
    socket.on('error', () => {
      isBroken = true;
    });
    socket.once('end', () => socket.end());
    socket.once('close', () => resolve({ answer: isBroken ? undefined : text, tookMs: performance.now() - began }));
    pieces.forEach((piece, i) => void socket.write(piece, i === pieces.length - 1 ? () => socket.resume() : undefined));
  });
}

function head(path: string, version: string, bytes: number, token = gateway.token()): string {
  const connection = version === '1.1' ? 'Connection: close\r\n' : '';
  return `POST ${path} HTTP/${version}\r\nHost: localhost\r\n${connection}Authorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${bytes}\r\n\r\n`;
}

test.each(
  [
    ['/execute', 413],
    ['/beep.python.v1.ExecuteService/Run', 429],
    ['/api/call', 413],
  ].flatMap(([path, status]) => ['1.0', '1.1'].map((version) => ({ path, status, version }))),
)('a body beyond the limit to $path over HTTP/$version is told the limit', async ({ path, status, version }) => {
  const body = Buffer.alloc(17 * mebibyte, 'x');
  const { answer } = await sendThenRead(gateway.http, [head(path as string, version, body.length), body]);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^]*16777216`));
});

test('Python finds the answer to a body beyond the limit', async () => {
  const { stdout } = await promisify(execFile)('python3', ['-c', urllib, `${gateway.http}/execute`, gateway.token()]);
  expect(stdout).toMatch(/^413 .*"reason":"MESSAGE_TOO_LARGE"/);
});

test.each(['http', 'rpc'] as const)('a wrong token with a large body is told so by the %s listener', async (name) => {
  const body = Buffer.alloc(10 * mebibyte, 'x');
  const path = name === 'http' ? '/execute' : '/rpc/PythonService/ExecuteScript';
  for (const version of ['1.0', '1.1']) {
    const { answer } = await sendThenRead(gateway[name], [head(path, version, body.length, 'wrong'), body]);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).toContain('UNAUTHENTICATED');
  }
});

test('a body in chunks that grows beyond the limit is told the limit', async () => {
  const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(mebibyte, 'x'), Buffer.from('\r\n')]);
  const begin = head('/execute', '1.1', 0).replace('Content-Length: 0', 'Transfer-Encoding: chunked');
  const { answer } = await sendThenRead(gateway.http, [begin, ...Array(40).fill(chunk), '0\r\n\r\n']);
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
});

test('the answer ends at once for a caller that waits for it before it sends', async () => {
  const { answer, tookMs } = await sendThenRead(gateway.http, [head('/execute', '1.1', 17 * mebibyte)]);
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(tookMs).toBeLessThan(1500);
});

test('a caller that never stops sending is cut off', async () => {
  const { hostname, port } = new URL(gateway.http);
  const began = performance.now();
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  socket.on('error', () => {}); // 'close' follows
  const piece = Buffer.alloc(mebibyte, 'x');
  const send = () => {
    if (socket.writable) socket.write(piece, send);
  };
  socket.write(head('/execute', '1.1', 2 ** 50), send);
  socket.resume();
  await new Promise((resolve) => socket.once('close', resolve));
  expect(performance.now() - began).toBeLessThan(10_000);
});

test('what follows on a connection that its caller closes is not run', async () => {
  const body = Buffer.alloc(17 * mebibyte, 'x');
  const second = '{"code": "1", "executionId": "behind-the-end"}';
  const { answer } = await sendThenRead(gateway.http, [
    head('/execute', '1.1', body.length),
    Buffer.concat([body, Buffer.from(head('/execute', '1.1', second.length) + second)]),
  ]);
  expect(answer?.match(/HTTP\/1\.1 /g) ?? []).toHaveLength(answer === undefined ? 0 : 1);
  const asked = await fetch(`${gateway.http}/executions/behind-the-end`, {
    headers: { authorization: `Bearer ${gateway.token()}` },
  });
  expect(asked.status).toBe(404);
});
