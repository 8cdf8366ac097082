import { ScalarType } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { PythonService } from '../../src/gen/es/beep/python/runtime/python_service_pb.ts';

// What the original's callers put on the wire: method, fields of the request, fields of the answer.
const methods = [
  ['Health', '', 'string status=1'],
  ['ImportModule', 'string module_name=1', 'string handle_id=1'],
  [
    'CreateObject',
    'string module_handle_id=1 string class_name=2 string args_json=3 string kwargs_json=4',
    'string handle_id=1 string type_name=2',
  ],
  [
    'CallMethod',
    'string handle_id=1 string method_name=2 string args_json=3 string kwargs_json=4',
    'result:string value_json=1 result:HandleResult handle=2',
  ],
  [
    'GetAttribute',
    'string handle_id=1 string attribute_name=2',
    'result:string value_json=1 result:HandleResult handle=2',
  ],
  ['SetAttribute', 'string handle_id=1 string attribute_name=2 string value_json=3', 'bool success=1'],
  ['Evaluate', 'string expression=1 string locals_json=2', 'string value_json=1'],
  ['DisposeHandle', 'string handle_id=1', 'bool success=1'],
  ['ToFloatArray', 'string handle_id=1', 'repeated float data=1'],
  ['ToFloatArray2D', 'string handle_id=1', 'repeated FloatArray data=1'],
  ['IsModuleAvailable', 'string module_name=1', 'bool available=1'],
  ['WrapValue', 'string value_json=1', 'string handle_id=1 string type_name=2'],
] as const;

test('the service has the name that the original gave it', () => {
  expect(PythonService.typeName).toBe('beep.python.runtime.PythonService');
});

test('the service has the methods of the original and no more, all unary', () => {
  expect(PythonService.methods.map(({ name, methodKind }) => `${name} ${methodKind}`)).toEqual(
    methods.map(([name]) => `${name} unary`),
  );
});

test.each(methods)('%s keeps the names, numbers and types of its fields', (name, request, response) => {
  const method = PythonService.methods.find((candidate) => candidate.name === name);
  expect(method && fieldsOf(method.input)).toBe(request);
  expect(method && fieldsOf(method.output)).toBe(response);
});

test.each([
  ['HandleResult', 'string handle_id=1 string type_name=2'],
  ['FloatArray', 'repeated float values=1'],
])('%s keeps its fields', (name, fields) => {
  const message = PythonService.file.messages.find((candidate) => candidate.name === name);
  expect(message && fieldsOf(message)).toBe(fields);
});

type Message = (typeof PythonService.methods)[number]['input'];

function fieldsOf(message: Message): string {
  return message.fields.map(describe).join(' ');
}

function describe(field: Message['fields'][number]): string {
  const oneof = field.oneof ? `${field.oneof.name}:` : '';
  const repeated = field.fieldKind === 'list' ? 'repeated ' : '';
  return `${oneof}${repeated}${typeOf(field)} ${field.name}=${field.number}`;
}

function typeOf(field: Message['fields'][number]): string {
  if (field.message) return field.message.name;
  if (field.scalar) return ScalarType[field.scalar].toLowerCase();
  return field.fieldKind;
}
