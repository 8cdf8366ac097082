import { ScalarType } from '@bufbuild/protobuf';
import { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import { expect, test } from 'vitest';
import { file_beep_python_v1_error } from '../../src/gen/es/beep/python/v1/error_pb.ts';
import { ExecuteService, file_beep_python_v1_execute } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { file_beep_python_v1_host, HostService } from '../../src/gen/es/beep/python/v1/host_pb.ts';
import { file_beep_python_v1_object, ObjectService } from '../../src/gen/es/beep/python/v1/object_pb.ts';
import { file_beep_python_v1_value } from '../../src/gen/es/beep/python/v1/value_pb.ts';
import { file_beep_python_v1_venv, VenvService } from '../../src/gen/es/beep/python/v1/venv_pb.ts';

const services = [HostService, VenvService, ExecuteService, ObjectService];
const files = [
  file_beep_python_v1_error,
  file_beep_python_v1_execute,
  file_beep_python_v1_host,
  file_beep_python_v1_object,
  file_beep_python_v1_value,
  file_beep_python_v1_venv,
];
const fields = files.flatMap(({ messages }) => messages).flatMap((message) => message.fields);

test('methods that may be cached and sent again are those that only look', () => {
  const free = services
    .flatMap(({ methods }) => methods)
    .filter(({ idempotency }) => idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS);
  expect(free.map(({ name }) => name).sort()).toEqual([
    'GetHost',
    'GetSession',
    'GetStats',
    'GetVenv',
    'ListExecutions',
    'ListPackages',
    'ListSessions',
    'ListVenvs',
    'ListWorkers',
  ]);
});

test('what a caller streams in has another way in for HTTP/1.1 and browsers', () => {
  const streamsIn = services
    .flatMap(({ methods }) => methods)
    .filter(({ methodKind }) => methodKind === 'client_streaming' || methodKind === 'bidi_streaming');
  // Interact: Execute, SendInput, Interrupt. Converse: Apply, Interrupt. Write: PUT /sessions/{id}/objects.
  expect(streamsIn.map(({ name }) => name).sort()).toEqual(['Converse', 'Interact', 'Write']);
});

test('64-bit numbers, which are strings in JSON, stand only where 32 bits would not do', () => {
  const long = [ScalarType.INT64, ScalarType.UINT64, ScalarType.SINT64, ScalarType.FIXED64, ScalarType.SFIXED64];
  const wide = fields.filter(({ scalar }) => scalar !== undefined && long.includes(scalar)).map(({ name }) => name);
  // Amounts of memory, disk and output; places in them; event numbers; totals since the start; lengths of dimensions;
  // Python's own integers.
  const allowed = /(_bytes|_total)$|^(bytes|offset|length|shape|done|total|integer|seq|(from|first|last|next)_seq)$/;
  expect(wide.filter((name) => !allowed.test(name))).toEqual([]);
});

test('no field has the name of a Python keyword, which generated code could not spell', () => {
  const keywords = 'and as assert async await break class continue def del elif else except finally for from global if \
import in is lambda nonlocal not or pass raise return try while with yield'.split(' ');
  expect(fields.map(({ name }) => name).filter((name) => keywords.includes(name))).toEqual([]);
});
