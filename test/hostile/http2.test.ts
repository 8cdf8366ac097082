/** Calls over HTTP/2 that no client of ours would make, on both ports. */
import { connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ExecuteRequestSchema, ExecutionResultSchema } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { ErrorInfoSchema } from '../../src/gen/es/google/rpc/error_details_pb.ts';
import { StatusSchema } from '../../src/gen/es/google/rpc/status_pb.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { peakMemoryBytes } from './memory.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const run = '/beep.python.v1.ExecuteService/Run';
const request = toBinary(
  ExecuteRequestSchema,
  create(ExecuteRequestSchema, { source: { case: 'code', value: '6 * 7' } }),
);

interface Answer {
  /** Headers and trailers. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly code: number;
  readonly reason: string | undefined;
}

function framed(message: Uint8Array, flags = 0, length = message.length): Buffer {
  const head = Buffer.alloc(5);
  head[0] = flags;
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
}

async function call(url: string, body: Uint8Array, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
  const session = connect(url);
  try {
    return await new Promise((resolve, reject) => {
      session.on('error', reject);
      const stream = session.request({
        ':method': 'POST',
        ':path': run,
        'content-type': 'application/grpc',
        te: 'trailers',
        authorization: `Bearer ${gateway.token()}`,
        ...headers,
      });
      const answer: IncomingHttpHeaders = {};
      const chunks: Buffer[] = [];
      stream.on('response', (given) => Object.assign(answer, given));
      stream.on('trailers', (given) => Object.assign(answer, given));
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('error', reject);
      stream.on('close', () => {
        const details = answer['grpc-status-details-bin'] as string | undefined;
        const status = details === undefined ? undefined : fromBinary(StatusSchema, Buffer.from(details, 'base64'));
        resolve({
          headers: answer,
          body: Buffer.concat(chunks),
          code: Number(answer['grpc-status']),
          reason: status?.details.map((any) => anyUnpack(any, ErrorInfoSchema)).find(Boolean)?.reason,
        });
      });
      stream.end(body);
    });
  } finally {
    session.destroy();
  }
}

describe.each(['rpc', 'http'] as const)('on the %s port', (port) => {
  afterEach(async () => {
    const { code, body } = await call(gateway[port], framed(request));
    expect(code).toBe(0);
    expect(fromBinary(ExecutionResultSchema, body.subarray(5)).text).toBe('42');
  });

  test.each<[string, Uint8Array, OutgoingHttpHeaders, number, string]>([
    ['another name of ours', framed(request), { ':authority': 'evil.example' }, 7, 'HOST_REFUSED'],
    ['a name that is none', framed(request), { ':authority': 'localhost:x' }, 7, 'HOST_REFUSED'],
    ['a page of another origin', framed(request), { origin: 'https://evil.example' }, 7, 'ORIGIN_REFUSED'],
    ['no token', framed(request), { authorization: undefined }, 16, 'UNAUTHENTICATED'],
    ['half a token', framed(request), { authorization: 'Bearer ' }, 16, 'UNAUTHENTICATED'],
    ['another scheme', framed(request), { authorization: 'Basic eDp5' }, 16, 'UNAUTHENTICATED'],
    ['no such method', framed(request), { ':path': '/beep.python.v1.ExecuteService/Nothing' }, 12, 'ROUTE_NOT_FOUND'],
    ['no such service', framed(request), { ':path': '/no.such.Service/Run' }, 12, 'ROUTE_NOT_FOUND'],
    ['no message', Buffer.alloc(0), {}, 3, 'INVALID_ARGUMENT'],
    ['half a message', framed(request, 0, request.length + 1), {}, 3, 'INVALID_ARGUMENT'],
    ['no protobuf', framed(Buffer.from([0xff, 0xff, 0xff])), {}, 3, 'INVALID_ARGUMENT'],
    ['a text that is not UTF-8', framed(Buffer.from([0x2a, 2, 0xff, 0xfe])), {}, 3, 'INVALID_ARGUMENT'],
    ['a message that says that it is 4 GiB', framed(request, 0, 2 ** 32 - 1), {}, 8, 'MESSAGE_TOO_LARGE'],
    ['a compression that nobody named', framed(request, 1), {}, 12, 'NOT_IMPLEMENTED'],
    ['a compression that is not known', framed(request, 1), { 'grpc-encoding': 'zip' }, 12, 'NOT_IMPLEMENTED'],
    ['gzip that is none', framed(request, 1), { 'grpc-encoding': 'gzip' }, 3, 'INVALID_ARGUMENT'],
    ['a deadline that is none', framed(request), { 'grpc-timeout': 'soon' }, 3, 'INVALID_ARGUMENT'],
    ['a deadline beyond all bounds', framed(request), { 'grpc-timeout': '99999999H' }, 3, 'DEADLINE_TOO_LONG'],
  ])('%s', async (_, body, headers, code, reason) => {
    const answer = await call(gateway[port], body, headers);
    expect({ code: answer.code, reason: answer.reason }).toEqual({ code, reason });
  });

  test('a gzip bomb is refused before it is inflated', async () => {
    const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024));
    const before = peakMemoryBytes(gateway.pid);
    const answer = await call(gateway[port], framed(bomb, 1), { 'grpc-encoding': 'gzip' });
    expect(answer).toMatchObject({ code: 8, reason: 'MESSAGE_TOO_LARGE' });
    expect(peakMemoryBytes(gateway.pid) - before).toBeLessThan(150 * 1024 * 1024);
  });

  test('a compressed request is understood', async () => {
    const answer = await call(gateway[port], framed(gzipSync(request), 1), { 'grpc-encoding': 'gzip' });
    expect(answer.code).toBe(0);
  });
});
