/** What is on both ports beside running code: reflection, health, the host's own figures. */
import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  toBinary,
} from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { credentials, Client as GrpcClient, Metadata } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GetHostResponseSchema, HostService } from '../../src/gen/es/beep/python/v1/host_pb.ts';
import {
  Health,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from '../../src/gen/es/grpc/health/v1/health_pb.ts';
import { ServerReflection } from '../../src/gen/es/grpc/reflection/v1/reflection_pb.ts';
import { ServerReflection as ServerReflectionAlpha } from '../../src/gen/es/grpc/reflection/v1alpha/reflection_pb.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

type Answers<M extends DescMethod> = ReturnType<typeof fromBinary<M['output']>>[];

/** Calls a method of any kind with these requests; all answers. */
async function call<M extends DescMethod>(
  url: string,
  method: M,
  requests: MessageInitShape<M['input']>[],
  token?: string,
): Promise<Answers<M>> {
  const client = new GrpcClient(new URL(url).host, credentials.createInsecure());
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  const stream = client.makeBidiStreamRequest(
    `/${method.parent.typeName}/${method.name}`,
    (message: MessageInitShape<DescMessage>) => Buffer.from(toBinary(method.input, create(method.input, message))),
    (bytes) => fromBinary<M['output']>(method.output, bytes),
    metadata,
  );
  try {
    for (const request of requests) stream.write(request as MessageInitShape<DescMessage>);
    stream.end();
    const answers: Answers<M> = [];
    for await (const answer of stream) answers.push(answer);
    return answers;
  } finally {
    client.close();
  }
}

describe.each(['rpc', 'http'] as const)('on the %s port', (port) => {
  test.each([ServerReflection, ServerReflectionAlpha])(
    '$typeName tells what there is, without a token',
    async (service) => {
      const method = service.method.serverReflectionInfo;
      const [list, symbol, missing] = await call(gateway[port], method, [
        { messageRequest: { case: 'listServices', value: '' } },
        { messageRequest: { case: 'fileContainingSymbol', value: 'beep.python.v1.ExecuteService' } },
        { messageRequest: { case: 'fileContainingSymbol', value: 'no.such.Thing' } },
      ]);
      const response = list?.messageResponse;
      expect(response?.case).toBe('listServicesResponse');
      const names = response?.case === 'listServicesResponse' ? response.value.service.map(({ name }) => name) : [];
      expect(names).toEqual(
        expect.arrayContaining([
          'beep.python.v1.ExecuteService',
          'beep.python.v1.HostService',
          'beep.python.v1.ObjectService',
          'beep.python.v1.VenvService',
          'grpc.health.v1.Health',
          'grpc.reflection.v1.ServerReflection',
          'grpc.reflection.v1alpha.ServerReflection',
        ]),
      );
      const files = symbol?.messageResponse;
      const protos = files?.case === 'fileDescriptorResponse' ? files.value.fileDescriptorProto : [];
      const read = protos.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
      expect(read.map(({ name }) => name)).toContain('beep/python/v1/execute.proto');
      expect(missing?.messageResponse).toMatchObject({ case: 'errorResponse', value: { errorCode: 5 } });
    },
  );

  test('health is told, without a token, for the whole and for each service', async () => {
    for (const service of ['', 'beep.python.v1.ExecuteService', 'grpc.health.v1.Health']) {
      expect(await call(gateway[port], Health.method.check, [{ service }])).toMatchObject([
        { status: ServingStatus.SERVING },
      ]);
    }
    await expect(call(gateway[port], Health.method.check, [{ service: 'no.such.Service' }])).rejects.toMatchObject({
      code: 5,
    });
  });

  test('GetHost tells what this gateway is, and GetStats counts what it does', async () => {
    const token = gateway.token();
    const [host] = await call(gateway[port], HostService.method.getHost, [{}], token);
    expect(host).toMatchObject({
      defaultVenv: 'default',
      principal: 'token:default',
      maxMessageBytes: 16 * 1024 ** 2,
    });
    expect(host?.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(host?.endpoints.map(({ name, address }) => [name, address])).toEqual([
      ['http', gateway.http],
      ['rpc', gateway.rpc],
      ['pipe', gateway.pipe],
    ]);
    const before = await stats(port, token);
    const answer = await fetch(`${gateway.http}/execute`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{"code":"1"}',
    });
    expect(answer.status).toBe(200);
    const after = await stats(port, token);
    expect(after.executionsTotal).toBe(before.executionsTotal + 1n);
    expect(after).toMatchObject({ sessionsOpen: 1, sessionsBusy: 0, itemsQueued: 0 });
    expect(after.kinds).toMatchObject([{ venv: 'default', open: 1, createdTotal: 1n }]);
    expect(after.workers).toHaveLength(2);
  });
});

async function stats(port: 'rpc' | 'http', token: string) {
  const [answer] = await call(gateway[port], HostService.method.getStats, [{}], token);
  return answer as NonNullable<typeof answer>;
}

test('Connect tells the same host', async () => {
  const answer = await fetch(`${gateway.http}/${HostService.typeName}/GetHost`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.token()}`, 'content-type': 'application/proto' },
    body: toBinary(HostService.method.getHost.input, create(HostService.method.getHost.input)),
  });
  const host = fromBinary(GetHostResponseSchema, new Uint8Array(await answer.arrayBuffer()));
  expect(host).toMatchObject({ principal: 'token:default' });
});

test('over HTTP/1.1 health and readiness are told without a token', async () => {
  for (const path of ['/healthz', '/readyz', '/health'])
    expect((await fetch(gateway.http + path)).status, path).toBe(200);
  expect((await fetch(`${gateway.rpc}/health`)).status).toBe(200);
  expect((await fetch(`${gateway.http}/metrics`)).status).toBe(401);
});
