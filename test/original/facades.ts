/** The original's five formats, each by a client that sends what its callers send and reads as strictly as they do. */
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { PythonService } from '../../src/gen/es/beep/python/runtime/python_service_pb.ts';
import { jsonPieces } from '../../src/json-pieces.ts';
import type { TestGateway } from '../support/gateway.ts';
import { asDotnetWritesIt, chunkedRequest, exchange, httpClient, wholeRequest } from './dotnet.ts';

/** What an operation answered; JSON as the text that came. */
export interface Answer {
  readonly value?: string;
  readonly handle?: { readonly handleId: string; readonly typeName: string };
  /** Of arrays, and of what has neither. */
  readonly data?: string;
  readonly available?: boolean;
  readonly error?: string;
  /** Whether the error was said to be the code's own, the caller's, or that of a handle which is not there. */
  readonly fault?: 'code' | 'request' | 'handle';
}

/** Fields by their camelCase names, as JSON texts. */
export type Fields = Readonly<Record<string, string>>;

/** One format. */
export interface Facade extends AsyncDisposable {
  readonly name: 'api' | 'root' | 'rpc' | 'grpc' | 'pipe';
  /** `operation` is its name on the pipe. */
  ask(operation: string, fields: Fields, signal?: AbortSignal): Promise<Answer>;
}

/** Opens a format of a gateway that lets this user's programs in without a token. */
export const facades: Readonly<Record<Facade['name'], (gateway: TestGateway) => Promise<Facade>>> = {
  api: async ({ http }) =>
    httpFacade('api', http, chunkedRequest, (operation, fields) => ({
      path: `/api/${operation.replace('_', '-')}`,
      body: objectOf(Object.entries(fields)),
      read: (text) => (operation.startsWith('tofloat') ? { data: text } : succeeded(text, (name) => name)),
    })),
  root: async ({ http }) =>
    httpFacade('root', http, chunkedRequest, (operation, fields) => ({
      path: `/${operation}`,
      body: objectOf(Object.entries(fields)),
      read: (text) => succeeded(text, (name) => name),
    })),
  rpc: async ({ rpc }) =>
    httpFacade('rpc', rpc, wholeRequest, (operation, { returnType, ...others }) => {
      // It writes null for what is not there.
      const nothing = Object.fromEntries((nullable[operation] ?? []).map((name) => [name, 'null']));
      const all = {
        ...nothing,
        ...others,
        ...(returnType && { returnType: returnType.replace(/^"(?=[A-Z])/, '"System.') }),
      };
      return {
        path: `/rpc/PythonService/${methods[operation]}`,
        body: objectOf(Object.entries(all).map(([name, text]) => [pascal(name), text])),
        read: (text) => succeeded(text, pascal),
      };
    }),
  grpc: async (gateway) => grpcFacade(gateway),
  pipe: async ({ pipe }) => pipeFacade(await connected(pipe)),
};

const nullable: Readonly<Record<string, readonly string[]>> = {
  create: ['args', 'kwargs'],
  call: ['args', 'kwargs'],
  setattr: ['value'],
  eval: ['locals'],
  wrap: ['value'],
};

const methods: Readonly<Record<string, string>> = {
  import: 'ImportModule',
  create: 'CreateObject',
  call: 'CallMethod',
  getattr: 'GetAttribute',
  setattr: 'SetAttribute',
  eval: 'Evaluate',
  dispose: 'DisposeHandle',
  tofloatarray: 'ToFloatArray',
  tofloatarray2d: 'ToFloatArray2D',
  module_available: 'IsModuleAvailable',
  wrap: 'WrapValue',
};

// --- JSON ---

function pascal(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function objectOf(entries: readonly (readonly [string, string])[]): string {
  return `{${entries.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
}

function memberOf(text: string, name: string): string {
  return jsonPieces(text).find(({ key }) => key === name)?.text ?? '';
}

/** By names that are looked for as they are, upper case and lower. */
function succeeded(text: string, spelling: (name: string) => string): Answer {
  JSON.parse(text); // no NaN, no rest
  const member = (name: string) => memberOf(text, spelling(name));
  if (member('data') !== '') return { data: member('data') };
  if (member('available') !== '') return { available: JSON.parse(member('available')) as boolean };
  if (member('handleId') === '') return { value: member('value') };
  const handleId = JSON.parse(member('handleId')) as string;
  return { handle: { handleId, typeName: member('typeName') && (JSON.parse(member('typeName')) as string) } };
}

function failed(status: number, error: string): Answer {
  const fault = status === 404 ? 'handle' : status === 500 ? 'code' : 'request';
  return { error: error.startsWith('"') ? (JSON.parse(error) as string) : error, fault };
}

// --- HTTP ---

/** How a format asks for an operation, and what it reads. */
type Asking = (
  operation: string,
  fields: Fields,
) => { readonly path: string; readonly body: string; readonly read: (text: string) => Answer };

function httpFacade(name: Facade['name'], url: string, requestOf: typeof wholeRequest, asking: Asking): Facade {
  const client = httpClient(url);
  return {
    name,
    async ask(operation, fields, signal) {
      const { path, body, read } = asking(operation, fields);
      const request = requestOf(path, client.host, asDotnetWritesIt(body));
      const { status, head, text } = await client.exchange(request, signal);
      if (!/^content-type: application\/json\r$/im.test(head) || text === '') throw new Error(`no JSON: ${head}`);
      return status === 200 ? read(text) : failed(status, memberOf(text, name === 'root' ? 'detail' : 'error'));
    },
    [Symbol.asyncDispose]: async () => client.close(),
  };
}

/** One POST of JSON, without a token. */
export async function post(url: string, json: string): Promise<{ status: number; text: string }> {
  const { pathname, port } = new URL(url);
  return await exchange(url, wholeRequest(pathname, `localhost:${port}`, json));
}

// --- gRPC ---

function grpcFacade({ rpc }: TestGateway): Facade {
  const client = createClient(PythonService, createGrpcTransport({ baseUrl: rpc }));
  const text = (json: string | undefined) => (json === undefined ? '' : (JSON.parse(json) as string));
  const calls: Record<string, (fields: Fields, options: { signal?: AbortSignal }) => Promise<Answer>> = {
    async import(f, o) {
      const { handleId } = await client.importModule({ moduleName: text(f.moduleName) }, o);
      return { handle: { handleId, typeName: '' } };
    },
    async create(f, o) {
      const names = { moduleHandleId: text(f.moduleHandleId), className: text(f.className) };
      const handle = await client.createObject({ ...names, argsJson: f.args, kwargsJson: f.kwargs }, o);
      return { handle: { handleId: handle.handleId, typeName: handle.typeName } };
    },
    async call(f, o) {
      const names = { handleId: text(f.handleId), methodName: text(f.methodName) };
      return oneOf((await client.callMethod({ ...names, argsJson: f.args, kwargsJson: f.kwargs }, o)).result);
    },
    async getattr(f, o) {
      const names = { handleId: text(f.handleId), attributeName: text(f.attributeName) };
      return oneOf((await client.getAttribute(names, o)).result);
    },
    async setattr(f, o) {
      const names = { handleId: text(f.handleId), attributeName: text(f.attributeName) };
      const { success } = await client.setAttribute({ ...names, valueJson: f.value }, o);
      return { data: String(success) };
    },
    async eval(f, o) {
      const { valueJson } = await client.evaluate({ expression: text(f.expression), localsJson: f.locals }, o);
      return valueJson.startsWith('{"isHandle":true') ? { handle: handleIn(valueJson) } : { value: valueJson };
    },
    async dispose(f, o) {
      return { data: String((await client.disposeHandle({ handleId: text(f.handleId) }, o)).success) };
    },
    async tofloatarray(f, o) {
      return { data: JSON.stringify((await client.toFloatArray({ handleId: text(f.handleId) }, o)).data) };
    },
    async tofloatarray2d(f, o) {
      const { data } = await client.toFloatArray2D({ handleId: text(f.handleId) }, o);
      return { data: JSON.stringify(data.map(({ values }) => values)) };
    },
    async module_available(f, o) {
      return { available: (await client.isModuleAvailable({ moduleName: text(f.moduleName) }, o)).available };
    },
    async wrap(f, o) {
      const { handleId, typeName } = await client.wrapValue({ valueJson: f.value }, o);
      return { handle: { handleId, typeName } };
    },
  };
  return {
    name: 'grpc',
    async ask(operation, fields, signal) {
      try {
        return await (calls[operation] as NonNullable<(typeof calls)[string]>)(fields, { signal });
      } catch (thrown) {
        const { code, rawMessage } = ConnectError.from(thrown);
        if (code === Code.Canceled) throw thrown;
        const fault = code === Code.NotFound ? 'handle' : code === Code.Internal ? 'code' : 'request';
        return { error: rawMessage, fault };
      }
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

function handleIn(json: string) {
  const { handleId, typeName } = JSON.parse(json) as { handleId: string; typeName: string };
  return { handleId, typeName };
}

function oneOf(result: { case?: string; value?: unknown }): Answer {
  if (result.case === 'valueJson') return { value: result.value as string };
  const { handleId, typeName } = result.value as { handleId: string; typeName: string };
  return { handle: { handleId, typeName } };
}

// --- the pipe ---

/** A client of the pipe, which has said no more than the mark that .NET's writer begins with. */
async function connected(path: string): Promise<Socket> {
  const socket = createConnection(path);
  await once(socket, 'connect');
  socket.write(Buffer.from([0xef, 0xbb, 0xbf]));
  return socket;
}

/** Lines of a socket, as they come. */
export function lineReader(socket: Socket): () => Promise<string> {
  const lines = (async function* () {
    let parts: string[] = [];
    for await (const chunk of socket.setEncoding('utf8')) {
      const pieces = String(chunk).split('\n');
      for (const piece of pieces.slice(0, -1)) {
        yield parts.join('') + piece;
        parts = [];
      }
      parts.push(pieces.at(-1) as string);
    }
  })();
  return async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the pipe was closed');
    return value;
  };
}

function pipeFacade(socket: Socket): Facade {
  const line = lineReader(socket);
  return {
    name: 'pipe',
    async ask(operation, fields, signal) {
      const text = asDotnetWritesIt(
        objectOf([
          ['command', JSON.stringify(operation)],
          ['payload', objectOf(Object.entries(fields))],
        ]),
      );
      const gone = () => socket.destroy();
      signal?.addEventListener('abort', gone);
      // .NET writes a line in pieces of its buffer's size, and the end of the line last.
      for (let from = 0; from < text.length; from += 1024) socket.write(text.slice(from, from + 1024));
      socket.write('\n');
      const answer = await line();
      signal?.removeEventListener('abort', gone);
      const error = memberOf(answer, 'error');
      if (error !== '' && memberOf(answer, 'result') === '') return pipeFailure(answer, error);
      const result = memberOf(answer, 'result');
      if (result.startsWith('[')) return sameData(result, memberOf(answer, 'data'));
      const [enveloped, flat] = [succeeded(result, (name) => name), succeeded(answer, (name) => name)];
      if (JSON.stringify(enveloped) !== JSON.stringify(flat)) throw new Error(`two answers in one: ${answer}`);
      return enveloped;
    },
    async [Symbol.asyncDispose]() {
      socket.destroy();
    },
  };
}

function pipeFailure(answer: string, error: string): Answer {
  const reason = JSON.parse(memberOf(answer, 'reason')) as string;
  const isCodes = ['PYTHON_ERROR', 'CONVERSION_FAILED', 'INTERNAL'].includes(reason);
  const status = isCodes ? 500 : reason === 'HANDLE_NOT_FOUND' ? 404 : 400;
  return failed(status, error);
}

function sameData(result: string, data: string): Answer {
  if (result !== data) throw new Error(`two answers in one: ${result.slice(0, 200)} and ${data.slice(0, 200)}`);
  return { data };
}
