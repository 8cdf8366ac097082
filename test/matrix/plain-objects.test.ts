/** Large data as plain HTTP has it: ranges, headers, bodies of any kind. */
import { request } from 'node:http';
import { connect } from 'node:http2';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { createPlainClient } from './plain.ts';

let gateway: TestGateway;
let sessionId: string;
let digits: string;
beforeAll(async () => {
  gateway = await startGateway();
  const client = createPlainClient(gateway.http, gateway.token(), 'ndjson');
  sessionId = (await client.createSession()).id;
  digits = await client.hold(sessionId, 'b"0123456789"');
});
afterAll(() => gateway.stop());

const octets = { 'content-type': 'application/octet-stream' };

function call(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | ReadableStream,
): Promise<Response> {
  return fetch(`${gateway.http}/sessions/${sessionId}/objects${path}`, {
    method,
    headers: { authorization: `Bearer ${gateway.token()}`, ...headers },
    body: body ?? null,
    duplex: 'half',
  } as RequestInit);
}
const range = (header: string, more: Record<string, string> = {}) =>
  call('GET', `/${digits}`, { range: header, ...more });

async function refused(response: Promise<Response>): Promise<{ status: number; reason: string; message: string }> {
  const { status, ...answer } = await response.then(async (each) => ({
    status: each.status,
    ...((await each.json()) as { error: { reason: string; message: string } }),
  }));
  return { status, reason: answer.error.reason, message: answer.error.message };
}

test('an object is its bytes, with what they are in the headers', async () => {
  const response = await call('GET', `/${digits}`);
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-length': '10',
    'accept-ranges': 'bytes',
    'x-beep-offset': '0',
    'cache-control': 'no-store',
  });
  expect(await response.text()).toBe('0123456789');
});

test('HEAD tells the same without the bytes', async () => {
  const response = await call('HEAD', `/${digits}`);
  expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '10', '']);
});

test.each([
  ['bytes=0-0', '0', 'bytes 0-0/10'],
  ['bytes=2-4', '234', 'bytes 2-4/10'],
  ['bytes=7-', '789', 'bytes 7-9/10'],
  ['bytes=7-100', '789', 'bytes 7-9/10'],
  ['bytes=-3', '789', 'bytes 7-9/10'],
  ['bytes=-30', '0123456789', 'bytes 0-9/10'],
])('Range: %s is answered by its part', async (header, text, contentRange) => {
  const response = await range(header);
  expect([response.status, response.headers.get('content-range')]).toEqual([206, contentRange]);
  expect(response.headers.get('content-length')).toBe(String(text.length));
  expect(await response.text()).toBe(text);
});

test.each(['bytes=10-', 'bytes=11-20', 'bytes=1000-'])('Range: %s is behind the end', async (header) => {
  const response = await range(header);
  expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */10']);
  expect(await response.json()).toMatchObject({ error: { reason: 'INVALID_ARGUMENT' } });
});

test.each(['lines=1-2', 'bytes=5-2', 'bytes=-0', 'bytes=-', 'bytes=a-b'])('Range: %s is none', async (header) => {
  const response = await range(header);
  expect([response.status, await response.text()]).toEqual([200, '0123456789']);
});

test('with a validator all is sent, since objects have none', async () => {
  expect((await range('bytes=2-4', { 'if-range': '"a"' })).status).toBe(200);
});

test('several ranges are refused', async () => {
  expect(await refused(range('bytes=0-1,4-5'))).toMatchObject({
    status: 400,
    message: expect.stringMatching(/one range at a time/),
  });
});

test('forms that there are not are refused, and offsets that are none', async () => {
  expect(await refused(call('GET', `/${digits}?form=xml`))).toMatchObject({
    status: 400,
    message: expect.stringMatching(/form must be one of/),
  });
  expect(await refused(call('GET', `/${digits}?offset=1.5`))).toMatchObject({ status: 400 });
  expect(await refused(call('GET', `/${digits}?form=arrow`))).toMatchObject({
    status: 422,
    reason: 'CONVERSION_FAILED',
  });
});

test('items are lines of JSON', async () => {
  const response = await call('GET', `/${digits}?form=items&offset=8`);
  expect(response.headers.get('content-type')).toBe('application/x-ndjson');
  expect(await response.text()).toBe('56\n57\n');
});

test('a body is an object, whether its length is told or not', async () => {
  const written = { typeName: 'bytes', text: 'bytes of 3', receivedBytes: 3 };
  expect(await (await call('PUT', '', octets, 'abc')).json()).toMatchObject(written);
  const chunked = new Blob(['abc']).stream();
  expect(await (await call('PUT', '', octets, chunked)).json()).toMatchObject(written);
});

test.each([
  [{ 'content-type': 'text/plain' }, 415, /content type/],
  [{ ...octets, 'x-beep-shape': '3' }, 400, /X-Beep-Shape needs X-Beep-Dtype/],
  [{ ...octets, 'x-beep-dtype': 'float' }, 400, /X-Beep-Dtype must be one such as/],
  [{ ...octets, 'x-beep-dtype': '<f8' }, 400, /3 bytes, which is no multiple of 8/],
  [{ ...octets, 'x-beep-dtype': '|u1', 'x-beep-shape': '1;3' }, 400, /lengths with commas/],
  [{ ...octets, 'x-beep-dtype': '|u1', 'x-beep-shape': '4' }, 400, /total_bytes is 3|totalBytes is 3/],
  [{ ...octets, 'content-range': 'bytes 0-2/3' }, 400, /add \?writeId=/],
  [{ ...octets, 'content-range': 'bytes 5-2/3' }, 400, /Content-Range must be such as/],
])('a body with %j is refused', async (headers, status, message) => {
  expect(await refused(call('PUT', '', headers as never, 'abc'))).toMatchObject({
    status,
    message: expect.stringMatching(message),
  });
});

test('an array of unknown length needs its shape', async () => {
  const headers = { ...octets, 'x-beep-dtype': '|u1' };
  expect(await refused(call('PUT', '', headers, new Blob(['abc']).stream()))).toMatchObject({
    status: 400,
    message: expect.stringMatching(/needs X-Beep-Shape/),
  });
});

test('a write in parts: each says where it stands, and how far it is can be asked', async () => {
  const put = async (contentRange: string, body: string) =>
    (await call('PUT', '?writeId=parts&assignTo=parts', { ...octets, 'content-range': contentRange }, body)).json();
  expect(await put('bytes 0-3/10', '0123')).toMatchObject({ $ref: null, receivedBytes: 4 });
  expect(await put('bytes */10', '')).toMatchObject({ $ref: null, receivedBytes: 4 });
  expect(await put('bytes 6-9/10', '6789')).toMatchObject({ error: { metadata: { receivedBytes: '4' } } });
  const done = await put('bytes 4-9/10', '456789');
  expect(done).toMatchObject({ $ref: expect.any(String), typeName: 'bytes', receivedBytes: 10 });
  expect(await put('bytes 4-9/10', '456789')).toEqual(done);
});

test('over HTTP/2 a body says how long it is', async () => {
  const session = connect(gateway.http);
  const put = async (length: Record<string, string>) => {
    const headers = { ':method': 'PUT', ':path': `/sessions/${sessionId}/objects`, ...octets, ...length };
    const stream = session.request({ ...headers, authorization: `Bearer ${gateway.token()}` });
    stream.end('abc');
    return (await new Response(Readable.toWeb(stream) as ReadableStream).json()) as unknown;
  };
  expect(await put({})).toMatchObject({ error: { reason: 'INVALID_ARGUMENT' } });
  expect(await put({ 'content-length': '3' })).toMatchObject({ typeName: 'bytes', receivedBytes: 3 });
  session.close();
});

test('a body that breaks off is no object', async () => {
  const headers = { ...octets, authorization: `Bearer ${gateway.token()}`, 'content-length': '10' };
  const url = `${gateway.http}/sessions/${sessionId}/objects?assignTo=half`;
  await new Promise<void>((resolve) => {
    const sending = request(url, { method: 'PUT', headers }, () => {});
    sending.on('error', () => resolve());
    sending.write('01234', () => sending.destroy(new Error('the caller leaves')));
  });
  const client = createPlainClient(gateway.http, gateway.token(), 'ndjson');
  expect((await client.run({ sessionId, code: '"half" in globals()' })).value?.text).toBe('false');
});
