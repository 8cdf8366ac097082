/** Native gRPC by grpc-js, which knows nothing of our code: to the RPC port, or over h2c to the HTTP port. */
import {
  create,
  type DescMethod,
  type DescMethodBiDiStreaming,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { credentials, Client as GrpcClient, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { ExecuteService, StopRungSchema } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { HostService } from '../../src/gen/es/beep/python/v1/host_pb.ts';
import { ObjectService } from '../../src/gen/es/beep/python/v1/object_pb.ts';
import { ErrorInfoSchema, RequestInfoSchema } from '../../src/gen/es/google/rpc/error_details_pb.ts';
import { StatusSchema } from '../../src/gen/es/google/rpc/status_pb.ts';
import { CallFailed, type CallOptions, type Calls, type Client, type Event, type Said } from './client.ts';
import { heldId, holdRequest, objectRead, objectWritten, readRequest, writeRequests } from './large-messages.ts';
import {
  durationOf,
  eventOf,
  executeRequest,
  executionsRequest,
  infoOf,
  inputData,
  interactRequest,
  nameOf,
  outputRead,
  outputRequest,
  resultOf,
  sessionOf,
  specOf,
  workerOf,
} from './messages.ts';

type Method<Name extends keyof typeof ExecuteService.method> = (typeof ExecuteService.method)[Name];

/** A client of one port. */
export function createGrpcClient(url: string, token: string): Client {
  const client = new GrpcClient(new URL(url).host, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    'grpc.enable_retries': 0,
  });
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  const { method } = ExecuteService;

  function unary<M extends DescMethod>(
    desc: M,
    request: MessageInitShape<M['input']>,
    { signal }: CallOptions = {},
  ): Promise<ReturnType<typeof fromBinary<M['output']>>> {
    return new Promise((resolve, reject) => {
      const call = client.makeUnaryRequest(
        pathOf(desc),
        (message: MessageInitShape<M['input']>) => Buffer.from(toBinary(desc.input, create(desc.input, message))),
        (bytes) => fromBinary<M['output']>(desc.output, bytes),
        request,
        metadata,
        (error, answer) => (error === null ? resolve(answer as never) : reject(failureOf(error))),
      );
      signal?.addEventListener('abort', () => call.cancel(), { once: true });
    });
  }

  async function* stream(
    desc: Method<'execute'> | Method<'watchExecution'>,
    request: MessageInitShape<typeof desc.input>,
    options: CallOptions = {},
  ): AsyncGenerator<Event> {
    for await (const event of answers(desc, request, options)) yield eventOf(event);
  }

  async function* answers<M extends DescMethod>(
    desc: M,
    request: MessageInitShape<M['input']>,
    { signal, deadlineMs }: CallOptions = {},
  ): AsyncGenerator<ReturnType<typeof fromBinary<M['output']>>> {
    const sent = metadata.clone();
    if (deadlineMs !== undefined) sent.set('grpc-timeout', `${deadlineMs}m`);
    const call = client.makeServerStreamRequest(
      pathOf(desc),
      (message: MessageInitShape<M['input']>) => Buffer.from(toBinary(desc.input, create(desc.input, message))),
      (bytes) => fromBinary<M['output']>(desc.output, bytes),
      request,
      sent,
    );
    signal?.addEventListener('abort', () => call.cancel(), { once: true });
    try {
      for await (const answer of call) yield answer;
    } catch (error) {
      throw failureOf(error as ServiceError);
    } finally {
      call.cancel();
    }
  }

  async function* converse<M extends DescMethodBiDiStreaming>(
    desc: M,
    requests: AsyncIterable<MessageInitShape<M['input']>>,
    { signal }: CallOptions = {},
  ): AsyncGenerator<MessageShape<M['output']>> {
    const call = client.makeBidiStreamRequest(
      pathOf(desc),
      (message: MessageInitShape<M['input']>) => Buffer.from(toBinary(desc.input, create(desc.input, message))),
      (bytes) => fromBinary<M['output']>(desc.output, bytes),
      metadata,
    );
    signal?.addEventListener('abort', () => call.cancel(), { once: true });
    void (async () => {
      for await (const each of requests) call.write(each);
      call.end();
    })();
    try {
      for await (const answer of call) yield answer;
    } catch (error) {
      throw failureOf(error as ServiceError);
    } finally {
      call.cancel();
    }
  }

  function upload<M extends DescMethod>(
    desc: M,
    requests: AsyncIterable<MessageInitShape<M['input']>>,
    { signal }: CallOptions = {},
  ): Promise<MessageShape<M['output']>> {
    return new Promise((resolve, reject) => {
      const call = client.makeClientStreamRequest(
        pathOf(desc),
        (message: MessageInitShape<M['input']>) => Buffer.from(toBinary(desc.input, create(desc.input, message))),
        (bytes) => fromBinary<M['output']>(desc.output, bytes),
        metadata,
        (error, answer) => (error === null ? resolve(answer as never) : reject(failureOf(error))),
      );
      signal?.addEventListener('abort', () => call.cancel(), { once: true });
      const room = () =>
        new Promise<void>((resolve) => {
          const done = () => {
            for (const event of ['drain', 'close', 'error']) call.off(event, done);
            resolve();
          };
          for (const event of ['drain', 'close', 'error']) call.on(event, done);
        });
      void (async () => {
        for await (const each of requests) {
          if (call.destroyed || signal?.aborted) return;
          if (!call.write(each)) await room();
        }
        call.end();
      })().catch(reject);
    });
  }

  async function* interact(said: AsyncIterable<Said>, options?: CallOptions): AsyncGenerator<Event> {
    for await (const event of converse(method.interact, requestsOf(said), options)) yield eventOf(event);
  }

  return {
    calls: { unary: unary as Calls['unary'], converse },
    run: async (request, options) => resultOf(await unary(method.run, executeRequest(request), options)),
    execute: (request, options) => stream(method.execute, executeRequest(request), options),
    watch: (executionId, fromSeq, options) =>
      stream(method.watchExecution, { executionId, fromSeq: BigInt(fromSeq) }, options),
    get: async (executionId, waitSeconds) =>
      infoOf(
        await unary(method.getExecution, {
          executionId,
          wait: waitSeconds === undefined ? undefined : durationOf(waitSeconds),
        }),
      ),
    readOutput: (executionId, query) => outputRead(answers(method.readOutput, outputRequest(executionId, query))),
    async interrupt(target, { graceSeconds, kill } = {}) {
      const answer = await unary(method.interrupt, {
        sessionId: 'sessionId' in target ? target.sessionId : '',
        itemId: 'executionId' in target ? target.executionId : '',
        grace: graceSeconds === undefined ? undefined : durationOf(graceSeconds),
        kill,
      });
      return { stoppedBy: nameOf(StopRungSchema, answer.stoppedBy), statePreserved: answer.statePreserved === true };
    },
    sendInput: async (executionId, input) =>
      void (await unary(method.sendInput, { executionId, input: inputData(input) })),
    interact,
    createSession: async (spec = {}, idempotencyKey = '') =>
      sessionOf(await unary(method.createSession, { spec: specOf(spec), idempotencyKey })),
    getSession: async (sessionId) => sessionOf(await unary(method.getSession, { sessionId })),
    listSessions: async (query = {}) => (await unary(method.listSessions, query)).sessions.map(sessionOf),
    async sessionsPage(query) {
      const { sessions, nextPageToken } = await unary(method.listSessions, query);
      return { sessions: sessions.map(sessionOf), nextPageToken };
    },
    renewSession: async (sessionId, seconds) =>
      sessionOf(
        await unary(method.renewSession, {
          sessionId,
          idleTimeout: seconds === undefined ? undefined : durationOf(seconds),
        }),
      ),
    restartSession: async (sessionId) => sessionOf(await unary(method.restartSession, { sessionId })),
    async executionsPage(query = {}) {
      const { executions, nextPageToken } = await unary(method.listExecutions, executionsRequest(query));
      return { executions: executions.map(infoOf), nextPageToken };
    },
    closeSession: async (sessionId) => sessionOf(await unary(method.closeSession, { sessionId })),
    async host() {
      const { version, principal, defaultVenv } = await unary(HostService.method.getHost, {});
      const { sessionsOpen } = await unary(HostService.method.getStats, {});
      return { version, principal, defaultVenv, sessionsOpen };
    },
    workers: async () => (await unary(HostService.method.listWorkers, {})).workers.map(workerOf),
    watchHost: (options) => answers(HostService.method.watchHost, {}, options),
    hold: async (sessionId, expression) =>
      heldId(await unary(ObjectService.method.apply, holdRequest(sessionId, expression))),
    readObject: (query, options) => objectRead(answers(ObjectService.method.read, readRequest(query), options)),
    writeObject: async (what, data, options) =>
      objectWritten(await upload(ObjectService.method.write, writeRequests(what, data), options)),
    close: () => client.close(),
  };
}

function pathOf({ parent, name }: DescMethod): string {
  return `/${parent.typeName}/${name}`;
}

async function* requestsOf(said: AsyncIterable<Said>) {
  for await (const each of said) yield interactRequest(each);
}

function failureOf(error: ServiceError): CallFailed {
  const [bytes] = error.metadata?.get('grpc-status-details-bin') ?? [];
  const details = bytes === undefined ? [] : fromBinary(StatusSchema, bytes as Buffer).details;
  const find = <T>(unpack: (any: (typeof details)[number]) => T | undefined) => details.map(unpack).find(Boolean);
  return new CallFailed(error.details, {
    code: error.code ?? status.UNKNOWN,
    reason: find((any) => anyUnpack(any, ErrorInfoSchema))?.reason,
    requestId: find((any) => anyUnpack(any, RequestInfoSchema))?.requestId,
    cause: error,
  });
}
