/** Clients of other makers: grpc-js, Python's grpcio (gRPC's C core), and buf curl, which learns the services by reflection. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { create, fromBinary, type Message, toBinary } from '@bufbuild/protobuf';
import * as grpc from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ExecuteRequestSchema,
  ExecuteService,
  type ExecutionEvent,
  InteractRequestSchema,
} from '../../../src/gen/es/beep/python/v1/execute_pb.ts';
import { StatusSchema } from '../../../src/gen/es/google/rpc/status_pb.ts';
import { abortOf, authorization, code, type Gateway, startGateway } from './gateway.ts';

const root = join(import.meta.dirname, '..', '..', '..');
// The program itself: what lies in .bin only starts it, and would leave it behind when it is ended.
const buf = join(root, 'node_modules', '@bufbuild', `buf-${process.platform}-${process.arch}`, 'bin', 'buf');

let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

describe('grpc-js', () => {
  const definition: grpc.ServiceDefinition = Object.fromEntries(
    ExecuteService.methods.map((method) => [
      method.name,
      {
        path: `/${ExecuteService.typeName}/${method.name}`,
        requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
        responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
        requestSerialize: (message: unknown) => Buffer.from(toBinary(method.input, message as Message)),
        requestDeserialize: (bytes: Buffer) => fromBinary(method.input, bytes),
        responseSerialize: (message: unknown) => Buffer.from(toBinary(method.output, message as Message)),
        responseDeserialize: (bytes: Buffer) => fromBinary(method.output, bytes),
      },
    ]),
  );
  // biome-ignore lint/suspicious/noExplicitAny: a client made from descriptors has no types
  let client: any;
  const metadata = new grpc.Metadata();
  metadata.set('authorization', authorization);

  beforeAll(() => {
    const Client = grpc.makeGenericClientConstructor(definition, 'ExecuteService');
    client = new Client(gateway.rpcUrl.slice('http://'.length), grpc.credentials.createInsecure());
  });
  afterAll(() => client.close());

  const run = (text: string, options = {}): Promise<{ text: string }> =>
    new Promise((resolve, reject) => {
      const request = create(ExecuteRequestSchema, code(text));
      client.Run(request, metadata, options, (error: unknown, result: { text: string }) =>
        error ? reject(error) : resolve(result),
      );
    });

  test('a unary call', async () => {
    expect((await run('hello')).text).toBe('hello');
  });

  test('many at once', async () => {
    const results = await Promise.all(Array.from({ length: 300 }, (_, i) => run(`text ${i}`)));
    expect(results.map(({ text }) => text)).toEqual(Array.from({ length: 300 }, (_, i) => `text ${i}`));
  });

  test('an error with its details', async () => {
    const error = await run('VENV_NOT_FOUND none').catch((error) => error as grpc.ServiceError);
    expect(error).toMatchObject({ code: grpc.status.NOT_FOUND, details: 'none' });
    const bytes = (error as grpc.ServiceError).metadata.get('grpc-status-details-bin')[0] as Buffer;
    expect(fromBinary(StatusSchema, bytes)).toMatchObject({ code: 5, message: 'none' });
  });

  test('a deadline', async () => {
    await expect(run('hang', { deadline: Date.now() + 100 })).rejects.toMatchObject({
      code: grpc.status.DEADLINE_EXCEEDED,
    });
  });

  test('a conversation, message by message', async () => {
    const call = client.Interact(metadata);
    for (let i = 1; i <= 3; i++) {
      call.write(create(InteractRequestSchema, { message: { case: 'execute', value: code('x') } }));
      const [event] = (await once(call, 'data')) as [ExecutionEvent];
      expect(Number(event.seq)).toBe(i);
    }
    call.end();
    await once(call, 'end');
  });

  test('a cancelled conversation stops its handler', async () => {
    const call = client.Interact(metadata);
    call.on('error', () => {});
    call.write(create(InteractRequestSchema, { message: { case: 'execute', value: code('x') } }));
    await once(call, 'data');
    call.cancel();
    expect(await abortOf(gateway.observed, 'interact')).toBe('CANCELLED');
  });

  test('compressed messages', async () => {
    const request = create(ExecuteRequestSchema, code('x'.repeat(10_000)));
    const compressing = new (grpc.makeGenericClientConstructor(definition, 'ExecuteService'))(
      gateway.rpcUrl.slice('http://'.length),
      grpc.credentials.createInsecure(),
      { 'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip },
      // biome-ignore lint/suspicious/noExplicitAny: as above
    ) as any;
    const result = await new Promise<{ text: string }>((resolve, reject) =>
      compressing.Run(request, metadata, (error: unknown, result: { text: string }) =>
        error ? reject(error) : resolve(result),
      ),
    );
    expect(result.text).toHaveLength(10_000);
    compressing.close();
  });
});

test("Python's grpcio: unary, stream, error with details, cancellation, and a deadline", async () => {
  const program = `
import sys
import grpc
from beep.python.v1 import execute_pb2, execute_pb2_grpc
from google.rpc import error_details_pb2, status_pb2

channel = grpc.insecure_channel(sys.argv[1])
stub = execute_pb2_grpc.ExecuteServiceStub(channel)
metadata = [("authorization", sys.argv[2])]
request = lambda code: execute_pb2.ExecuteRequest(code=code)
assert stub.Run(request("hello"), metadata=metadata).text == "hello"
assert [event.seq for event in stub.Execute(request("count 5"), metadata=metadata)] == [1, 2, 3, 4, 5]
try:
    stub.Run(request("VENV_NOT_FOUND " + "long \\u00e4 " * 5000), metadata=metadata)
    raise SystemExit("no error")
except grpc.RpcError as error:
    assert error.code() == grpc.StatusCode.NOT_FOUND, error
    [details] = [value for key, value in error.trailing_metadata() if key == "grpc-status-details-bin"]
    info = error_details_pb2.ErrorInfo()
    status_pb2.Status.FromString(details).details[0].Unpack(info)
    assert (info.reason, info.domain) == ("VENV_NOT_FOUND", "beep.python"), info
try:
    stub.Run(request("hang"), metadata=metadata, timeout=0.2)
    raise SystemExit("no deadline")
except grpc.RpcError as error:
    assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, error
stream = stub.Execute(request("hang"), metadata=metadata)
next(stream)
stream.cancel()
interaction = stub.Interact(iter([execute_pb2.InteractRequest(execute=request("x"))] * 3), metadata=metadata)
assert [event.seq for event in interaction] == [1, 2, 3]
try:
    stub.Run(request("x"), metadata=[])
    raise SystemExit("no refusal")
except grpc.RpcError as error:
    assert error.code() == grpc.StatusCode.UNAUTHENTICATED, error
print("ok")
`;
  const python = join(process.env.BEEP_PYTHON_HOME as string, 'admin', 'bin', 'python');
  const { stdout } = await promisify(execFile)(
    python,
    ['-c', program, gateway.rpcUrl.slice('http://'.length), authorization],
    {
      env: { ...process.env, PYTHONPATH: join(root, 'python', 'gen') },
    },
  );
  expect(stdout).toBe('ok\n');
});

describe('buf curl, by reflection', () => {
  const curl = async (...args: string[]): Promise<string> => (await promisify(execFile)(buf, ['curl', ...args])).stdout;

  test.each(['grpc-v1', 'grpc-v1alpha'])('%s lists the methods, without a token', async (version) => {
    const listed = await curl(
      '--protocol',
      'grpc',
      '--http2-prior-knowledge',
      '--reflect-protocol',
      version,
      '--list-methods',
      gateway.rpcUrl,
    );
    expect(listed).toContain('beep.python.v1.ExecuteService/Run');
    expect(listed).toContain('grpc.health.v1.Health/Check');
  });

  test.each([
    ['grpc', 'rpcUrl'],
    ['grpc', 'httpUrl'],
    ['grpcweb', 'httpUrl'],
    ['connect', 'httpUrl'],
  ] as const)('%s calls a method on %s with what it learned there', async (protocol, url) => {
    const method = `${gateway[url]}/beep.python.v1.ExecuteService/Run`;
    const answer = await curl(
      '--protocol',
      protocol,
      '--http2-prior-knowledge',
      '-H',
      `authorization: ${authorization}`,
      '-d',
      '{"code": "hello"}',
      method,
    );
    expect(JSON.parse(answer)).toMatchObject({ text: 'hello' });
  });

  test('symbols, files and extensions are found, others are not', async () => {
    const ask = async (request: object): Promise<string> => {
      const method = `${gateway.rpcUrl}/grpc.reflection.v1.ServerReflection/ServerReflectionInfo`;
      return await curl('--protocol', 'grpc', '--http2-prior-knowledge', '-d', JSON.stringify(request), method);
    };
    for (const symbol of [
      'beep.python.v1.ExecuteService',
      'beep.python.v1.ExecuteService.Run',
      'beep.python.v1.ExecuteRequest',
      'beep.python.v1.ExecuteRequest.code',
    ]) {
      expect(await ask({ fileContainingSymbol: symbol })).toContain('fileDescriptorResponse');
    }
    expect(await ask({ fileByFilename: 'beep/python/v1/execute.proto' })).toContain('fileDescriptorResponse');
    expect(
      await ask({ fileContainingExtension: { containingType: 'google.protobuf.FieldOptions', extensionNumber: 1159 } }),
    ).toContain('fileDescriptorResponse');
    expect(await ask({ allExtensionNumbersOfType: 'google.protobuf.FieldOptions' })).toContain('1159');
    for (const wrong of [
      { fileContainingSymbol: 'no.Such' },
      { fileByFilename: 'no.proto' },
      { allExtensionNumbersOfType: 'no.Such' },
      {},
    ]) {
      expect(await ask(wrong)).toContain('errorResponse');
    }
  });

  test('health: check, list, an unknown service, and a watch that goes on', async () => {
    const health = (method: string) => `${gateway.rpcUrl}/grpc.health.v1.Health/${method}`;
    const base = ['--protocol', 'grpc', '--http2-prior-knowledge'];
    expect(JSON.parse(await curl(...base, health('Check')))).toEqual({ status: 'SERVING' });
    expect(Object.keys(JSON.parse(await curl(...base, health('List'))).statuses)).toContain(
      'beep.python.v1.ExecuteService',
    );
    await expect(curl(...base, '-d', '{"service":"no.Such"}', health('Check'))).rejects.toThrow(/not_found/);
    const watch = spawn(buf, ['curl', ...base, '-d', '{"service":"no.Such"}', health('Watch')]);
    const [line] = await once(watch.stdout, 'data');
    expect(JSON.parse(line.toString())).toEqual({ status: 'SERVICE_UNKNOWN' });
    watch.kill();
    await once(watch, 'close');
  });
});
