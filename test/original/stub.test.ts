/** Stubs of the original's proto file, as programs that were written for it have them: generated, on gRPC's C core. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServerReflection } from '../../src/gen/es/grpc/reflection/v1/reflection_pb.ts';
import { ServerReflection as ServerReflectionAlpha } from '../../src/gen/es/grpc/reflection/v1alpha/reflection_pb.ts';
import { python, root, run } from '../contract/program.ts';
import { createTestFolder } from '../integration/setup/test-home.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ flags: ['--auth', 'same-user'] });
});

afterAll(() => gateway?.stop());

const program = `
import sys
import grpc
import python_service_pb2 as messages
from python_service_pb2_grpc import PythonServiceStub

with grpc.insecure_channel(sys.argv[1]) as channel:
    stub = PythonServiceStub(channel)
    assert stub.Health(messages.HealthRequest()).status == 'ok'
    assert stub.IsModuleAvailable(messages.IsModuleAvailableRequest(module_name='json')).available
    module = stub.ImportModule(messages.ImportModuleRequest(module_name='types')).handle_id
    made = stub.CreateObject(messages.CreateObjectRequest(
        module_handle_id=module, class_name='SimpleNamespace', kwargs_json='{"a": 2.0}'))
    assert made.type_name == 'SimpleNamespace'
    assert stub.SetAttribute(messages.SetAttributeRequest(
        handle_id=made.handle_id, attribute_name='b', value_json='18446744073709551616')).success
    read = stub.GetAttribute(messages.GetAttributeRequest(handle_id=made.handle_id, attribute_name='b'))
    assert (read.WhichOneof('result'), read.value_json) == ('value_json', '18446744073709551616')
    called = stub.CallMethod(messages.CallMethodRequest(handle_id=made.handle_id, method_name='__repr__'))
    assert called.value_json == '"namespace(a=2.0, b=18446744073709551616)"'
    told = stub.Evaluate(messages.EvaluateRequest(expression='[x, float("nan")]', locals_json='{"x": 1}'))
    assert told.value_json == '[1,NaN]'
    table = stub.WrapValue(messages.WrapValueRequest(value_json='[[1, 2.5], [3, 4]]'))
    flat = stub.ToFloatArray(messages.ToFloatArrayRequest(handle_id=table.handle_id))
    assert list(flat.data) == [1, 2.5, 3, 4]
    rows = stub.ToFloatArray2D(messages.ToFloatArray2DRequest(handle_id=table.handle_id))
    assert [list(row.values) for row in rows.data] == [[1, 2.5], [3, 4]]
    assert stub.DisposeHandle(messages.DisposeHandleRequest(handle_id=made.handle_id)).success
    try:
        stub.CallMethod(messages.CallMethodRequest(handle_id=made.handle_id, method_name='x'))
    except grpc.RpcError as error:
        assert error.code() is grpc.StatusCode.NOT_FOUND
        assert error.details() == f'Handle not found: {made.handle_id}'
    try:
        stub.Evaluate(messages.EvaluateRequest(expression='1/0'))
    except grpc.RpcError as error:
        assert error.code() is grpc.StatusCode.INTERNAL
        assert error.details().startswith('division by zero\\nTraceback')
        print('done')
`;

test('a stub of the proto file in Python calls every method, on both ports', async () => {
  await using folder = await createTestFolder();
  const proto = ['-I', join(root, 'proto', 'beep', 'python', 'runtime'), 'python_service.proto'];
  const outputs = [`--python_out=${folder.path}`, `--grpc_python_out=${folder.path}`];
  const generated = await run(python, ['-m', 'grpc_tools.protoc', ...outputs, ...proto]);
  expect(generated.code, generated.output).toBe(0);
  writeFileSync(join(folder.path, 'program.py'), program);
  for (const url of [gateway.rpc, gateway.http]) {
    const { code, output } = await run(python, [join(folder.path, 'program.py'), new URL(url).host]);
    expect({ code, output }).toEqual({ code: 0, output: 'done\n' });
  }
});

test.each([ServerReflection, ServerReflectionAlpha])('$typeName knows it, on both ports', async (service) => {
  for (const baseUrl of [gateway.rpc, gateway.http]) {
    const client = createClient(service as typeof ServerReflection, createGrpcTransport({ baseUrl }));
    const symbol = { case: 'fileContainingSymbol', value: 'beep.python.runtime.PythonService.CallMethod' } as const;
    const asked = (async function* () {
      yield { messageRequest: symbol };
    })();
    for await (const { messageResponse } of client.serverReflectionInfo(asked)) {
      expect(messageResponse.case).toBe('fileDescriptorResponse');
    }
  }
});
