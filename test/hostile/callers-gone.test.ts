/** Callers whose connection breaks in the middle, without a word: their code is stopped, and nothing is left. */
import { randomUUID } from 'node:crypto';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { create, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExecuteRequestSchema } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import type { Client } from '../matrix/client.ts';
import { executeRequest } from '../matrix/messages.ts';
import { transports } from '../matrix/transports.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { startDaemon, untilMarked } from './marked.ts';

let gateway: TestGateway;
let client: Client;
beforeAll(async () => {
  gateway = await startGateway();
  client = transports['native gRPC']({ ...gateway, token: gateway.token() });
});
afterAll(async () => {
  client.close();
  await gateway.stop();
});

interface Request {
  readonly code: string;
  readonly executionId: string;
}

/** Each begins a call, waits for the code's first output and answers with a way to break the connection. */
const callers: Record<string, (request: Request) => Promise<() => void>> = {
  'HTTP/1.1 with NDJSON': (request) => overSocket(request, 'application/x-ndjson'),
  'HTTP/1.1 with SSE': (request) => overSocket(request, 'text/event-stream'),
  'native gRPC': (request) => overHttp2(gateway.rpc, request, 'application/grpc'),
  'gRPC on the HTTP port': (request) => overHttp2(gateway.http, request, 'application/grpc'),
  'Connect over HTTP/2': (request) => overHttp2(gateway.http, request, 'application/connect+proto'),
  'gRPC-Web over HTTP/2': (request) => overHttp2(gateway.http, request, 'application/grpc-web+proto'),
};

async function overSocket(request: Request, accept: string): Promise<() => void> {
  const { hostname, port, host } = new URL(gateway.http);
  const socket = connect(Number(port), hostname);
  const body = JSON.stringify({ ...request, venv: 'default' });
  socket.write(
    [
      'POST /execute HTTP/1.1',
      `Host: ${host}`,
      `Authorization: Bearer ${gateway.token()}`,
      'Content-Type: application/json',
      `Accept: ${accept}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
  await untilSaid(socket, 'daemon');
  return () => socket.resetAndDestroy();
}

async function overHttp2(url: string, request: Request, contentType: string): Promise<() => void> {
  const session = connectHttp2(url);
  session.on('error', () => {}); // we break it ourselves
  const stream = session.request({
    ':method': 'POST',
    ':path': '/beep.python.v1.ExecuteService/Execute',
    'content-type': contentType,
    te: 'trailers',
    authorization: `Bearer ${gateway.token()}`,
  });
  stream.on('error', () => {});
  const message = toBinary(
    ExecuteRequestSchema,
    create(ExecuteRequestSchema, executeRequest({ ...request, fresh: true })),
  );
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([head, message]));
  await untilSaid(stream, 'daemon');
  return () => (session.socket as Socket).destroy();
}

async function untilSaid(from: NodeJS.ReadableStream, text: string): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    from.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1');
      if (said.includes(text)) resolve();
    });
    from.once('close', () => reject(new Error(`closed after ${said}`)));
  });
}

test.each(Object.entries(callers))('%s', async (_, call) => {
  const marker = `marker-${randomUUID()}`;
  const executionId = randomUUID();
  const breakOff = await call({ executionId, code: `${startDaemon(marker)}while True: pass` });
  await untilMarked(marker, 1);
  breakOff();
  const { state, result } = await client.get(executionId, 20);
  expect(state).toBe('FINISHED');
  expect(result).toMatchObject({ outcome: 'CANCELLED', stoppedBy: 'INTERRUPT' });
  // Its session was made for this call alone, so it goes too, with all that it started.
  await untilMarked(marker, 0, 4000);
});

test('many who leave at once leave nothing', async () => {
  const marker = `marker-${randomUUID()}`;
  const calls = Object.values(callers).flatMap((call) => [call, call, call]);
  const ids = calls.map(() => randomUUID());
  const breaks = await Promise.all(
    calls.map((call, i) => call({ executionId: ids[i] as string, code: `${startDaemon(marker)}while True: pass` })),
  );
  await untilMarked(marker, calls.length);
  for (const breakOff of breaks) breakOff();
  for (const id of ids) expect((await client.get(id, 20)).result).toMatchObject({ outcome: 'CANCELLED' });
  await untilMarked(marker, 0, 4000);
});
