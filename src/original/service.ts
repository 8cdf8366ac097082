/** `beep.python.runtime.PythonService`: the original's gRPC service, field for field. */
import { create } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { type Call, Encoded, type Incoming, type ServiceImpl } from '../call.ts';
import { BeepError, errors, GrpcCode, toBeepError } from '../errors.ts';
import {
  CallMethodResponseSchema,
  CreateObjectResponseSchema,
  DisposeHandleResponseSchema,
  EvaluateResponseSchema,
  FloatArraySchema,
  GetAttributeResponseSchema,
  HealthResponseSchema,
  ImportModuleResponseSchema,
  IsModuleAvailableResponseSchema,
  type PythonService,
  SetAttributeResponseSchema,
  ToFloatArray2DResponseSchema,
  ToFloatArrayResponseSchema,
  WrapValueResponseSchema,
} from '../gen/es/beep/python/runtime/python_service_pb.ts';
import type { CallerOf } from './caller.ts';
import { tracebackOf } from './failure.ts';
import type { NumbersReader } from './numbers.ts';
import type { Caller, Operations, Result } from './operations.ts';

/** Makes the service; an answer of numbers takes at most so many bytes. */
export function createPythonService(operations: Operations, callerOf: CallerOf, maxMessageBytes: number) {
  /** Its handles and errors are those of the JSON formats; Python's own floats are all there. */
  const method =
    <Q, A>(answer: (request: Q, caller: Caller) => Promise<A>) =>
    async ({ message }: { message: Q }, call: Call): Promise<A> => {
      try {
        return await answer(message, callerOf(call, true));
      } catch (thrown) {
        throw asGrpcSaysIt(toBeepError(thrown));
      }
    };
  const floats = async (handleId: string, isTable: boolean, caller: Caller) => {
    const numbers = await operations.numbers({ handleId, isTable, asFloat32: true }, caller);
    try {
      const bytes = 4 * numbers.count + 8 * numbers.rows;
      if (bytes > maxMessageBytes) throw errors.valueTooLarge(bytes, maxMessageBytes);
      return { numbers, data: await bytesOf(numbers) };
    } finally {
      numbers.close();
    }
  };

  return {
    health: async () => create(HealthResponseSchema, { status: 'ok' }),
    importModule: method(async (request: Message<'importModule'>, caller) =>
      create(ImportModuleResponseSchema, { handleId: await operations.importModule(request, caller) }),
    ),
    createObject: method(async (request: Message<'createObject'>, caller) => {
      const { argsJson: args, kwargsJson: kwargs, moduleHandleId, className } = request;
      return create(
        CreateObjectResponseSchema,
        await operations.createObject({ moduleHandleId, className, args, kwargs }, caller),
      );
    }),
    callMethod: method(async (request: Message<'callMethod'>, caller) => {
      const { argsJson: args, kwargsJson: kwargs, handleId, methodName } = request;
      const result = await operations.callMethod({ handleId, methodName, args, kwargs }, caller);
      return create(CallMethodResponseSchema, { result: oneOf(result) });
    }),
    getAttribute: method(async (request: Message<'getAttribute'>, caller) => {
      const result = await operations.getAttribute(request, caller);
      return create(GetAttributeResponseSchema, { result: oneOf(result) });
    }),
    setAttribute: method(async (request: Message<'setAttribute'>, caller) => {
      const { handleId, attributeName, valueJson: value } = request;
      await operations.setAttribute({ handleId, attributeName, value }, caller);
      return create(SetAttributeResponseSchema, { success: true });
    }),
    evaluate: method(async ({ expression, localsJson: locals }: Message<'evaluate'>, caller) => {
      const result = await operations.evaluate({ expression, locals }, caller);
      // Its answer has no place for an object: in JSON it is what stands for one in arguments.
      const { handleId, typeName } = 'value' in result ? { handleId: '', typeName: '' } : result;
      const valueJson = 'value' in result ? result.value : JSON.stringify({ isHandle: true, handleId, typeName });
      return create(EvaluateResponseSchema, { valueJson });
    }),
    disposeHandle: method(async (request: Message<'disposeHandle'>, caller) => {
      await operations.disposeHandle(request, caller);
      return create(DisposeHandleResponseSchema, { success: true });
    }),
    toFloatArray: method(async ({ handleId }: Message<'toFloatArray'>, caller) => {
      const { data } = await floats(handleId, false, caller);
      return new Encoded(ToFloatArrayResponseSchema, packed(data));
    }),
    toFloatArray2D: method(async ({ handleId }: Message<'toFloatArray2D'>, caller) => {
      const { numbers, data } = await floats(handleId, true, caller);
      const writer = new BinaryWriter();
      const { number } = ToFloatArray2DResponseSchema.field.data;
      for (let row = 0; row < numbers.rows; row++) {
        const from = 4 * row * numbers.width;
        writer.tag(number, WireType.LengthDelimited).bytes(packed(data.subarray(from, from + 4 * numbers.width)));
      }
      return new Encoded(ToFloatArray2DResponseSchema, writer.finish());
    }),
    isModuleAvailable: method(async (request: Message<'isModuleAvailable'>, caller) => {
      const { available } = await operations.isModuleAvailable(request, caller);
      return create(IsModuleAvailableResponseSchema, { available });
    }),
    wrapValue: method(async ({ valueJson: value }: Message<'wrapValue'>, caller) =>
      create(WrapValueResponseSchema, await operations.wrapValue({ value }, caller)),
    ),
  } satisfies ServiceImpl<typeof PythonService>;
}

type Methods = typeof PythonService.method;
type Message<M extends keyof Methods> = Incoming<Methods[M]['input']>['message'];

function oneOf(result: Result) {
  return 'value' in result
    ? ({ case: 'valueJson', value: result.value } as const)
    : ({ case: 'handle', value: { handleId: result.handleId, typeName: result.typeName } } as const);
}

async function bytesOf(numbers: NumbersReader): Promise<Uint8Array> {
  const data = new Uint8Array(4 * numbers.count);
  let length = 0;
  for await (const { value } of numbers.pieces()) {
    if (length + value.length <= data.length) data.set(value, length);
    length += value.length;
  }
  if (length !== data.length) throw errors.internal(new Error('a session sent other numbers than it had said'));
  return data;
}

/** A message whose field 1 holds these floats. */
function packed(data: Uint8Array): Uint8Array {
  const { number } = FloatArraySchema.field.values;
  if (data.length === 0) return new Uint8Array();
  return new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(data).finish();
}

/** The message and the traceback in one text, INTERNAL, as the original said it; fields have the names of this format. */
function asGrpcSaysIt(error: BeepError): BeepError {
  const traceback = tracebackOf(error);
  if (error.reason === 'INVALID_ARGUMENT') {
    return new BeepError(error.reason, error.message.replace(/^(args|kwargs|locals|value) /, '$1_json '));
  }
  if (traceback === '') return error;
  return new BeepError(error.reason, `${error.message}\n${traceback}`, { code: GrpcCode.INTERNAL });
}
