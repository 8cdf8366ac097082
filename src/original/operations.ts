/** The original's operations, each once: what every one of its formats asks for, done in the caller's session. */
import { randomUUID } from 'node:crypto';
import type { Call } from '../call.ts';
import { errors } from '../errors.ts';
import { isOneValue } from '../json-pieces.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import { decodeResponse, encodeOperation, type Request, type Response } from './codec.ts';
import { NumbersReader, type NumbersRequest } from './numbers.ts';

/** Whose operation it is, and where it goes. */
export interface Caller {
  readonly principal: string;
  readonly onAbort: Call['onAbort'];
  /** Id of the session; opens it where it is the caller's to open. */
  session(): Promise<string>;
  /** It reads NaN and infinities, and takes text for what JSON cannot say. */
  readonly isLenient?: boolean;
}

/** A Python object that is held. */
export interface Held {
  readonly handleId: string;
  /** Name of its class. */
  readonly typeName: string;
}

/** A result: JSON text, or an object. */
export type Result = { readonly value: string } | Held;

/** Arguments as JSON texts; undefined and `null` alike for none. */
interface Arguments {
  readonly args?: string | undefined;
  readonly kwargs?: string | undefined;
}

/** The operations. Each throws BeepError. */
export type Operations = ReturnType<typeof createOperations>;

/** Makes them. */
export function createOperations(directory: SessionDirectory) {
  const ask = async (operation: string, request: Request, caller: Caller): Promise<Response> => {
    const body = encodeOperation(operation, { isLenient: caller.isLenient === true, ...request });
    const attachment = directory.attachment(caller.principal, await caller.session());
    return decodeResponse(await attachment.result({ kind: 'original', id: randomUUID(), body }, caller));
  };
  const askResult = async (operation: string, request: Request, caller: Caller): Promise<Result> =>
    resultOf(await ask(operation, request, caller));

  return {
    async importModule({ moduleName }: { moduleName: string }, caller: Caller): Promise<string> {
      return (await ask('import', { name: moduleName }, caller)).handleId;
    },
    async createObject(
      request: Arguments & { moduleHandleId: string; className: string },
      caller: Caller,
    ): Promise<Held> {
      const { moduleHandleId: handleId, className: name } = request;
      return heldOf(await ask('create', { handleId, name, ...argumentsOf(request) }, caller));
    },
    callMethod(
      request: Arguments & { handleId: string; methodName: string; returnType?: string },
      caller: Caller,
    ): Promise<Result> {
      const { handleId, methodName: name, returnType = '' } = request;
      return askResult('call', { handleId, name, returnType, ...argumentsOf(request) }, caller);
    },
    getAttribute(
      request: { handleId: string; attributeName: string; returnType?: string },
      caller: Caller,
    ): Promise<Result> {
      const { handleId, attributeName: name, returnType = '' } = request;
      return askResult('getattr', { handleId, name, returnType }, caller);
    },
    async setAttribute(
      { handleId, attributeName: name, value = '' }: { handleId: string; attributeName: string; value?: string },
      caller: Caller,
    ): Promise<void> {
      await ask('setattr', { handleId, name, valueJson: value }, caller);
    },
    evaluate(
      { expression: name, locals = '', returnType = '' }: { expression: string; locals?: string; returnType?: string },
      caller: Caller,
    ): Promise<Result> {
      return askResult('eval', { name, kwargsJson: locals, returnType }, caller);
    },
    async disposeHandle({ handleId }: { handleId: string }, caller: Caller): Promise<void> {
      await ask('dispose', { handleId }, caller);
    },
    /** `note` says what else than its absence was in the way. */
    async isModuleAvailable(
      { moduleName: name }: { moduleName: string },
      caller: Caller,
    ): Promise<{ available: boolean; note: string }> {
      const { value, note } = await ask('module_available', { name }, caller);
      return { available: textOf(value) === 'true', note };
    },
    async wrapValue({ value = '' }: { value?: string }, caller: Caller): Promise<Held> {
      return heldOf(await ask('wrap', { valueJson: value }, caller));
    },
    /** The numbers in an object; whoever has read them, or will not, closes the reader. */
    async numbers(request: NumbersRequest, caller: Caller): Promise<NumbersReader> {
      const sessionId = await caller.session();
      const there = { ...caller, session: () => Promise.resolve(sessionId) };
      // Its caller may be gone by then.
      const patient = { ...there, onAbort: () => () => {} };
      const { handleId, isTable, asFloat32 } = request;
      const first = await ask('numbers', { handleId, isTable, asFloat32 }, there);
      const reader = first.handleId;
      const source = {
        piece: (piece: number) => ask('piece', { handleId: reader, piece, asFloat32 }, there),
        forget: () => void ask('forget', { handleId: reader }, patient).catch(() => {}), // it went with its session
        onAbort: caller.onAbort,
      };
      return new NumbersReader(first, source, isTable);
    },
  };
}

function argumentsOf({ args = '', kwargs = '' }: Arguments): Request {
  return { argsJson: args, kwargsJson: kwargs };
}

function heldOf({ handleId, typeName }: Response): Held {
  return { handleId, typeName };
}

function resultOf(response: Response): Result {
  if (response.handleId !== '') return heldOf(response);
  const value = textOf(response.value);
  // Code in the session can claim any text; what is in front of it and behind must stay as it is.
  if (!isOneValue(value)) throw errors.internal(new Error('a session sent a result that is no JSON'));
  return { value };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
