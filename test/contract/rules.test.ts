import { createRegistry, type DescMessage, fromJson, type JsonValue } from '@bufbuild/protobuf';
import { createValidator } from '@bufbuild/protovalidate';
import { describe, expect, test } from 'vitest';
import {
  CompleteRequestSchema,
  CreateSessionRequestSchema,
  ExecuteRequestSchema,
  ExecuteService,
  GetExecutionRequestSchema,
  InteractRequestSchema,
  ListExecutionsRequestSchema,
  ListSessionsRequestSchema,
  ReadOutputRequestSchema,
  SendInputRequestSchema,
} from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { HostService } from '../../src/gen/es/beep/python/v1/host_pb.ts';
import {
  ApplyRequestSchema,
  ConverseRequestSchema,
  ObjectService,
  ReadRequestSchema,
  WriteRequestSchema,
} from '../../src/gen/es/beep/python/v1/object_pb.ts';
import { file_beep_python_v1_rules } from '../../src/gen/es/beep/python/v1/rules_pb.ts';
import { EnsureVenvRequestSchema, VenvService } from '../../src/gen/es/beep/python/v1/venv_pb.ts';

const validator = createValidator({ registry: createRegistry(file_beep_python_v1_rules) });
const requests = [HostService, VenvService, ExecuteService, ObjectService]
  .flatMap(({ methods }) => methods)
  .map(({ input }) => [input.typeName, input] as const);
const nul = '\u0000';
const id = 'Build-7.attempt_2:b';
const mustBeId = 'must be empty or 1 to 128 of A-Z a-z 0-9 . _ : -';
const operation = (action: JsonValue) => ({ operations: [action] });

test.each(requests)('the rules of %s compile', (_, schema) => {
  const { error, kind } = validator.validate(schema, fromJson(schema, {}));
  expect(kind === 'error' ? error : undefined).toBeUndefined();
});

describe('a request is taken', () => {
  test.each<[string, DescMessage, JsonValue]>([
    ['code without anything else', ExecuteRequestSchema, { code: '1+1' }],
    ['empty code', ExecuteRequestSchema, { code: '' }],
    ['long code', ExecuteRequestSchema, { code: 'x = 1\n'.repeat(100_000) }],
    ['code of every script', ExecuteRequestSchema, { code: 'π = "😀"' }],
    ['ids of letters, digits and . _ : -', ExecuteRequestSchema, { code: '', sessionId: id, executionId: id }],
    ['ids of 128 characters', ExecuteRequestSchema, { code: '', executionId: 'a'.repeat(128) }],
    ['empty ids', ExecuteRequestSchema, { code: '', sessionId: '', executionId: '' }],
    ['no time at all', ExecuteRequestSchema, { code: '', timeout: '0s', queueTimeout: '0s', interruptGrace: '0s' }],
    ['365 days', ExecuteRequestSchema, { code: '', timeout: '31536000s' }],
    ['variables with odd names', ExecuteRequestSchema, { code: '', env: { 'A B': '=', ü: '' } }],
    ['input with its mode', ExecuteRequestSchema, { code: '', stdin: 'YQ==', inputMode: 'INPUT_MODE_PRESET' }],
    ['input without a mode', ExecuteRequestSchema, { code: '', stdin: 'YQ==' }],
    ['a module by its dotted name', ExecuteRequestSchema, { module: { name: 'json.tool' } }],
    ['a module with a name of another script', ExecuteRequestSchema, { module: { name: 'größe.длина' } }],
    ['a function of a module', ExecuteRequestSchema, { function: { name: 'math:sqrt', args: [{ real: 2 }] } }],
    ['a function of the session', ExecuteRequestSchema, { function: { name: 'solve', kwargs: { x: { none: {} } } } }],
    ['a session without a spec', CreateSessionRequestSchema, {}],
    ['16 MiB of memory', CreateSessionRequestSchema, { spec: { limits: { memoryBytes: '16777216' } } }],
    ['a cursor at the end, in code points', CompleteRequestSchema, { code: '😀a', cursor: 2 }],
    ['a batch that only releases', ApplyRequestSchema, { release: ['h1'] }],
    ['an operation on nothing named', ApplyRequestSchema, operation({ describe: {} })],
    ['None as an argument', ApplyRequestSchema, operation({ call: { args: [{ value: { none: {} } }] } })],
    ['the last 64 KiB', ReadOutputRequestSchema, { executionId: id, stream: 'OUTPUT_STREAM_STDERR', offset: '-65536' }],
  ])('%s', (_, schema, json) => {
    expect(complaints(schema, json)).toEqual([]);
  });
});

describe('a request is refused, with a text that says what to do', () => {
  test.each<[string, DescMessage, JsonValue, string]>([
    ['nothing to run', ExecuteRequestSchema, {}, 'source: exactly one field is required in oneof'],
    ['NUL in code', ExecuteRequestSchema, { code: `a${nul}` }, 'code: must not contain NUL characters'],
    ['a space in an id', ExecuteRequestSchema, { code: '', executionId: 'a b' }, `execution_id: ${mustBeId}`],
    ['a line end in an id', ExecuteRequestSchema, { code: '', executionId: 'a\n' }, `execution_id: ${mustBeId}`],
    ['a slash in an id', ExecuteRequestSchema, { code: '', sessionId: '../a' }, `session_id: ${mustBeId}`],
    ['129 characters', ExecuteRequestSchema, { code: '', executionId: 'a'.repeat(129) }, `execution_id: ${mustBeId}`],
    [
      'a negative time',
      ExecuteRequestSchema,
      { code: '', timeout: '-0.5s' },
      'timeout: must be 0 to 365 days (31536000 s)',
    ],
    [
      'more than 365 days',
      ExecuteRequestSchema,
      { code: '', queueTimeout: '31536000.1s' },
      'queue_timeout: must be 0 to 365 days (31536000 s)',
    ],
    [
      'a grace of more than an hour',
      ExecuteRequestSchema,
      { code: '', interruptGrace: '3601s' },
      'interrupt_grace: must be greater than or equal to 0s and less than or equal to 3600s',
    ],
    [
      'a variable without a name',
      ExecuteRequestSchema,
      { code: '', env: { '': 'x' } },
      'env[""]: must be 1 to 1024 characters without \'=\' and NUL',
    ],
    [
      'a variable with = in its name',
      ExecuteRequestSchema,
      { code: '', env: { 'A=B': 'x' } },
      'env["A=B"]: must be 1 to 1024 characters without \'=\' and NUL',
    ],
    [
      'NUL in a variable',
      ExecuteRequestSchema,
      { code: '', env: { A: nul } },
      'env["A"]: must not contain NUL characters',
    ],
    ['NUL in an argument', ExecuteRequestSchema, { code: '', argv: [nul] }, 'argv[0]: must not contain NUL characters'],
    ['NUL in a path', ExecuteRequestSchema, { code: '', cwd: nul }, 'cwd: must not contain NUL characters'],
    [
      'input beside a mode that has none',
      ExecuteRequestSchema,
      { code: '', stdin: 'YQ==', inputMode: 'INPUT_MODE_NONE' },
      'stdin needs input_mode INPUT_MODE_PRESET, or none named',
    ],
    [
      'a number that is no mode',
      ExecuteRequestSchema,
      { code: '', inputMode: 9 },
      'input_mode: value must be one of the defined enum values',
    ],
    ['a script without a path', ExecuteRequestSchema, { script: {} }, 'script.path: must be at least 1 characters'],
    [
      'a path for a module',
      ExecuteRequestSchema,
      { module: { name: 'a/b.py' } },
      'module.name: must be a dotted module name of at most 256 characters, such as package.module',
    ],
    [
      'an expression for a function',
      ExecuteRequestSchema,
      { function: { name: 'lambda: 0' } },
      'function.name: must be a name, or package.module:name',
    ],
    [
      'an argument without a value',
      ExecuteRequestSchema,
      { function: { name: 'f', args: [{}] } },
      'function.args[0].kind: exactly one field is required in oneof',
    ],
    [
      'a session that ends at once',
      CreateSessionRequestSchema,
      { spec: { idleTimeout: '0s' } },
      'spec.idle_timeout: must be above 0 and at most 365 days (31536000 s)',
    ],
    [
      'memory in megabytes by mistake',
      CreateSessionRequestSchema,
      { spec: { limits: { memoryBytes: '512' } } },
      'spec.limits.memory_bytes: must be 0 or at least 16777216 bytes (16 MiB)',
    ],
    [
      'too many modules to preload',
      CreateSessionRequestSchema,
      { spec: { preload: Array(65).fill('json') } },
      'spec.preload: must contain no more than 64 item(s)',
    ],
    [
      'too long a label',
      CreateSessionRequestSchema,
      { spec: { labels: { a: 'x'.repeat(257) } } },
      'spec.labels["a"]: must be at most 256 characters',
    ],
    [
      'too large a page',
      ListSessionsRequestSchema,
      { pageSize: 1001 },
      'page_size: must be less than or equal to 1000',
    ],
    ['a state that is none', ListExecutionsRequestSchema, { states: [0] }, 'states[0]: must not be in list [0]'],
    ['no execution named', GetExecutionRequestSchema, {}, 'execution_id: must be at least 1 characters'],
    [
      'a wait of more than a day',
      GetExecutionRequestSchema,
      { executionId: id, wait: '86401s' },
      'wait: must be greater than or equal to 0s and less than or equal to 86400s',
    ],
    [
      'output of no stream',
      ReadOutputRequestSchema,
      { executionId: id },
      'stream: must be OUTPUT_STREAM_STDOUT or OUTPUT_STREAM_STDERR',
    ],
    ['no input', SendInputRequestSchema, { executionId: id }, 'input: value is required'],
    [
      'input that is empty',
      SendInputRequestSchema,
      { executionId: id, input: {} },
      'input: data is empty; send some, or end_of_file',
    ],
    [
      'a cursor beyond the end',
      CompleteRequestSchema,
      { code: '😀', cursor: 2 },
      'cursor must not be beyond the end of code; it counts Unicode code points',
    ],
    ['an empty message of Interact', InteractRequestSchema, {}, 'message: exactly one field is required in oneof'],
    ['an empty message of Converse', ConverseRequestSchema, {}, 'message: exactly one field is required in oneof'],
    ['an empty message of Write', WriteRequestSchema, {}, 'part: exactly one field is required in oneof'],
    [
      'an attribute to set without its name',
      ApplyRequestSchema,
      operation({ setAttribute: { value: { value: { none: {} } } } }),
      'operations[0]: set_attribute and delete_attribute need a path; its last name is the attribute',
    ],
    [
      'an item without a key',
      ApplyRequestSchema,
      operation({ getItem: {} }),
      'operations[0].get_item.key: value is required',
    ],
    [
      'a target that names nothing',
      ApplyRequestSchema,
      operation({ target: {} }),
      'operations[0].target.kind: exactly one field is required in oneof',
    ],
    ['no handle named', ReadRequestSchema, {}, 'handle_id: must be at least 1 characters'],
    [
      'an accelerator that is none',
      EnsureVenvRequestSchema,
      { accelerator: 'tpu' },
      'accelerator: must be empty, cpu, cuda, rocm or vulkan',
    ],
    [
      'a negative dimension',
      WriteRequestSchema,
      { header: { tensor: { dtype: '<f8', shape: ['-1'] } } },
      'header.tensor.shape[0]: must be greater than or equal to 0',
    ],
  ])('%s', (_, schema, json, complaint) => {
    expect(complaints(schema, json)).toEqual([complaint]);
  });
});

/** What a validator says, without the names of the rules. */
function complaints(schema: DescMessage, json: JsonValue): string[] {
  const result = validator.validate(schema, fromJson(schema, json));
  if (result.kind === 'error') throw result.error;
  return (result.violations ?? []).map((violation) => violation.toString().replace(/ \[[\w.]+\]$/, ''));
}
