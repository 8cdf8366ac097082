/** The original's operations as its JSON formats name them: one table that every one of these formats reads. */
import { optional, required } from './fields.ts';
import { NumbersReader } from './numbers.ts';
import type { Caller, Held, Operations, Result } from './operations.ts';
import type { Row } from './row.ts';

/** What an operation answers: members by their camelCase names, each as JSON text; or numbers. */
export type Reply = Readonly<Record<string, string>> | NumbersReader;

/** One operation. */
export interface OperationRow extends Row {
  /** Its name as an RPC. */
  readonly method: string;
  readonly run: (fields: Fields, operations: Operations, caller: Caller) => Promise<Reply>;
}

// biome-ignore lint/suspicious/noExplicitAny: each row knows which of its fields must be there
type Fields = any;

const handleId = required('text', 'Id of the object.');
const args = optional('list', 'Arguments by position. An object that is held: `{"handleId": "..."}`, here and within.');
const kwargs = optional('object', 'Arguments by name.');
const returnType = optional(
  'text',
  'What the caller can take, as .NET names types: `Int32`, `System.String`, `Single[]`.',
);

const [text, flag] = [{ type: 'string' }, { type: 'boolean' }];
const held = { handleId: text, typeName: text };
const result = { value: {}, isHandle: flag, handleId: text, typeName: text };

/** All of them. */
export const operationTable: readonly OperationRow[] = [
  {
    command: 'import',
    method: 'ImportModule',
    meaning: 'Import a module and hold it',
    fields: { moduleName: required('text', 'Such as `numpy.linalg`.') },
    answer: { handleId: text },
    run: async (fields, operations, caller) => ({
      handleId: JSON.stringify(await operations.importModule(fields, caller)),
    }),
  },
  {
    command: 'create',
    method: 'CreateObject',
    meaning: 'Call a class, or whatever can be called, of a module, and hold what it makes',
    fields: {
      moduleHandleId: required('text', 'Id of the module.'),
      className: required('text', 'Its name in the module.'),
      args,
      kwargs,
    },
    answer: held,
    run: async (fields, operations, caller) => heldReply(await operations.createObject(fields, caller)),
  },
  {
    command: 'call',
    method: 'CallMethod',
    meaning: 'Call a method of an object',
    fields: { handleId, methodName: required('text', 'Name of the method.'), args, kwargs, returnType },
    answer: result,
    run: async (fields, operations, caller) => resultReply(await operations.callMethod(fields, caller)),
  },
  {
    command: 'getattr',
    method: 'GetAttribute',
    meaning: 'Read an attribute of an object',
    fields: { handleId, attributeName: required('text', 'Name of the attribute.'), returnType },
    answer: result,
    run: async (fields, operations, caller) => resultReply(await operations.getAttribute(fields, caller)),
  },
  {
    command: 'setattr',
    method: 'SetAttribute',
    meaning: 'Set an attribute of an object',
    fields: {
      handleId,
      attributeName: required('text', 'Name of the attribute.'),
      value: optional('value', 'Any JSON; none: None.'),
    },
    answer: { success: flag },
    run: async (fields, operations, caller) => {
      await operations.setAttribute(fields, caller);
      return success;
    },
  },
  {
    command: 'eval',
    method: 'Evaluate',
    meaning: 'Evaluate an expression, or run code whose last expression is the answer',
    fields: {
      expression: required('text', 'The code.'),
      locals: optional('object', 'Names that it sees, and their values.'),
      returnType,
    },
    answer: result,
    run: async (fields, operations, caller) => resultReply(await operations.evaluate(fields, caller)),
  },
  {
    command: 'dispose',
    method: 'DisposeHandle',
    meaning: 'Let go of an object; of one that is not held, too',
    fields: { handleId },
    answer: { success: flag },
    run: async (fields, operations, caller) => {
      await operations.disposeHandle(fields, caller);
      return success;
    },
  },
  {
    command: 'tofloatarray',
    method: 'ToFloatArray',
    meaning: 'The numbers in an array or a nested list, flat',
    fields: { handleId },
    answer: 'numbers',
    run: ({ handleId }, operations, caller) => operations.numbers({ handleId, isTable: false }, caller),
  },
  {
    command: 'tofloatarray2d',
    method: 'ToFloatArray2D',
    meaning: 'The rows of a two-dimensional array or list',
    fields: { handleId },
    answer: 'rows',
    run: ({ handleId }, operations, caller) => operations.numbers({ handleId, isTable: true }, caller),
  },
  {
    command: 'module_available',
    method: 'IsModuleAvailable',
    meaning: 'Whether a module can be imported',
    fields: { moduleName: required('text', 'Such as `numpy.linalg`.') },
    answer: { available: flag, error: text },
    async run(fields, operations, caller): Promise<Reply> {
      const { available, note } = await operations.isModuleAvailable(fields, caller);
      return note === '' ? { available: String(available) } : { available: 'false', error: JSON.stringify(note) };
    },
  },
  {
    command: 'wrap',
    method: 'WrapValue',
    meaning: 'Make a Python object of a value and hold it',
    fields: { value: optional('value', 'Any JSON; none: None.') },
    answer: held,
    run: async (fields, operations, caller) => heldReply(await operations.wrapValue(fields, caller)),
  },
];

const success: Reply = { success: 'true' };

function heldReply({ handleId, typeName }: Held): Reply {
  return { handleId: JSON.stringify(handleId), typeName: JSON.stringify(typeName) };
}

function resultReply(result: Result): Reply {
  if ('value' in result) return { value: result.value };
  return { isHandle: 'true', handleId: JSON.stringify(result.handleId), typeName: JSON.stringify(result.typeName) };
}

/** Whether it is an array of numbers, which is written in parts. */
export function isNumbers(reply: Reply): reply is NumbersReader {
  return reply instanceof NumbersReader;
}
