import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { create, fromBinary, fromJson, isFieldSet, toBinary, toJson } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { expect, test } from 'vitest';
import { ExecuteRequestSchema, FinishedSchema, Outcome } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { ItemKind, Submission } from '../../src/gen/worker/beep/python/worker/v1/worker.ts';
import { python, root, run } from './program.ts';

test('TypeScript makes a request, sends it and reads it back', () => {
  const request = create(ExecuteRequestSchema, {
    source: { case: 'code', value: '1+1' },
    where: { case: 'sessionId', value: 's' },
    timeout: durationFromMs(1500),
  });
  expect(fromBinary(ExecuteRequestSchema, toBinary(ExecuteRequestSchema, request))).toEqual(request);
  expect(toJson(ExecuteRequestSchema, request)).toEqual({ code: '1+1', sessionId: 's', timeout: '1.500s' });
});

test('a false that matters is there in JSON', () => {
  const finished = create(FinishedSchema, { outcome: Outcome.KILLED, statePreserved: false });
  expect(toJson(FinishedSchema, finished)).toEqual({ outcome: 'OUTCOME_KILLED', statePreserved: false });
  expect(isFieldSet(fromJson(FinishedSchema, {}), FinishedSchema.field.statePreserved)).toBe(false);
});

test('a public message passes through the worker protocol byte for byte', () => {
  const body = toBinary(ExecuteRequestSchema, create(ExecuteRequestSchema, { source: { case: 'code', value: '1' } }));
  const sent = Submission.create({ number: 1, kind: ItemKind.ITEM_KIND_EXECUTION, itemId: 'e', body });
  const received = Submission.decode(Submission.encode(sent).finish());
  expect(received.body).toBeInstanceOf(Uint8Array);
  expect(Buffer.from(received.body)).toEqual(Buffer.from(body));
});

test('every generated Python module can be imported, and hides nothing of protobuf or grpcio', async () => {
  const program = `
import importlib, pathlib, sys
generated = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(generated))
names = sorted(".".join(path.relative_to(generated).with_suffix("").parts) for path in generated.rglob("*.py"))
for name in names:
    importlib.import_module(name)
import google.protobuf, grpc
from beep.python.v1 import execute_pb2
from google.rpc import error_details_pb2
request = execute_pb2.ExecuteRequest(code="1+1", session_id="s")
assert execute_pb2.ExecuteRequest.FromString(request.SerializeToString()) == request
assert str(generated) in error_details_pb2.__file__
assert not any(str(generated) in module.__file__ for module in (google.protobuf, grpc))
print(len(names))
`;
  const modules = readdirSync(join(root, 'python/gen'), { recursive: true, encoding: 'utf8' });
  const count = modules.filter((name) => name.endsWith('.py')).length;
  const { code, output } = await run(python, ['-B', '-W', 'error', '-c', program, join(root, 'python/gen')]);
  expect({ code, output }).toEqual({ code: 0, output: `${count}\n` });
});

test('folders of generated Python have no __init__.py, with which `google` here would hide the protobuf package', () => {
  const names = readdirSync(join(root, 'python/gen'), { recursive: true, encoding: 'utf8' });
  expect(names.filter((name) => name.endsWith('__init__.py'))).toEqual([]);
});
