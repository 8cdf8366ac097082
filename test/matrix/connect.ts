/** Connect and gRPC-Web, by Connect's own clients: what browsers use, and what Node programs use. */
import type { DescMethodBiDiStreaming, DescMethodUnary, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { ConnectError, createClient, type Transport } from '@connectrpc/connect';
import { ExecuteService, StopRungSchema } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { HostService } from '../../src/gen/es/beep/python/v1/host_pb.ts';
import { ObjectService } from '../../src/gen/es/beep/python/v1/object_pb.ts';
import { ErrorInfoSchema, RequestInfoSchema } from '../../src/gen/es/google/rpc/error_details_pb.ts';
import { CallFailed, type CallOptions, type Client, type Event, type Said } from './client.ts';
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

type AnyEvent = Parameters<typeof eventOf>[0];

// Each protocol reads its own.
const deadlineHeaders = (ms: number) => ({ 'connect-timeout-ms': String(ms), 'grpc-timeout': `${ms}m` });

/** A client over one of Connect's transports. */
export function createConnectClient(
  transport: Transport,
  token: string,
  close = () => {},
  /** What streams requests: `fetch` of browsers does not. */
  upward = transport,
): Client {
  const client = createClient(ExecuteService, transport);
  const hosts = createClient(HostService, transport);
  const objects = createClient(ObjectService, transport);
  const writing = createClient(ObjectService, upward);
  const headers = { authorization: `Bearer ${token}` };
  return {
    calls: {
      async unary<M extends DescMethodUnary>(
        method: M,
        request: MessageInitShape<M['input']>,
        options?: CallOptions,
      ): Promise<MessageShape<M['output']>> {
        const answer = await told(transport.unary(method, options?.signal, undefined, headers, request));
        return answer.message as MessageShape<M['output']>;
      },
      async *converse<M extends DescMethodBiDiStreaming>(
        method: M,
        requests: AsyncIterable<MessageInitShape<M['input']>>,
        options?: CallOptions,
      ): AsyncGenerator<MessageShape<M['output']>> {
        try {
          const { message } = await transport.stream(method, options?.signal, undefined, headers, requests);
          yield* message as AsyncIterable<MessageShape<M['output']>>;
        } catch (error) {
          throw failureOf(error);
        }
      },
    },
    run: async (request, options) => resultOf(await told(client.run(executeRequest(request), { headers, ...options }))),
    execute: (request, options) => events(client.execute(executeRequest(request), { headers, ...options })),
    watch: (executionId, fromSeq, { deadlineMs, ...options } = {}) =>
      events(
        client.watchExecution(
          { executionId, fromSeq: BigInt(fromSeq) },
          { headers: { ...headers, ...(deadlineMs !== undefined && deadlineHeaders(deadlineMs)) }, ...options },
        ),
      ),
    get: async (executionId, waitSeconds) => {
      const wait = waitSeconds === undefined ? undefined : durationOf(waitSeconds);
      return infoOf(await told(client.getExecution({ executionId, wait }, { headers })));
    },
    readOutput: async (executionId, query) =>
      told(outputRead(client.readOutput(outputRequest(executionId, query), { headers }))),
    async interrupt(target, { graceSeconds, kill } = {}) {
      const request = {
        sessionId: 'sessionId' in target ? target.sessionId : '',
        itemId: 'executionId' in target ? target.executionId : '',
        grace: graceSeconds === undefined ? undefined : durationOf(graceSeconds),
        kill,
      };
      const answer = await told(client.interrupt(request, { headers }));
      return { stoppedBy: nameOf(StopRungSchema, answer.stoppedBy), statePreserved: answer.statePreserved === true };
    },
    sendInput: async (executionId, input) =>
      void (await told(client.sendInput({ executionId, input: inputData(input) }, { headers }))),
    interact: (said, options) => events(client.interact(requests(said), { headers, ...options })),
    createSession: async (spec = {}, idempotencyKey = '') =>
      sessionOf(await told(client.createSession({ spec: specOf(spec), idempotencyKey }, { headers }))),
    getSession: async (sessionId) => sessionOf(await told(client.getSession({ sessionId }, { headers }))),
    listSessions: async (query = {}) => (await told(client.listSessions(query, { headers }))).sessions.map(sessionOf),
    async sessionsPage(query) {
      const { sessions, nextPageToken } = await told(client.listSessions(query, { headers }));
      return { sessions: sessions.map(sessionOf), nextPageToken };
    },
    renewSession: async (sessionId, seconds) =>
      sessionOf(
        await told(
          client.renewSession(
            { sessionId, idleTimeout: seconds === undefined ? undefined : durationOf(seconds) },
            { headers },
          ),
        ),
      ),
    restartSession: async (sessionId) => sessionOf(await told(client.restartSession({ sessionId }, { headers }))),
    async executionsPage(query = {}) {
      const { executions, nextPageToken } = await told(client.listExecutions(executionsRequest(query), { headers }));
      return { executions: executions.map(infoOf), nextPageToken };
    },
    closeSession: async (sessionId) => sessionOf(await told(client.closeSession({ sessionId }, { headers }))),
    async host() {
      const { version, principal, defaultVenv } = await told(hosts.getHost({}, { headers }));
      const { sessionsOpen } = await told(hosts.getStats({}, { headers }));
      return { version, principal, defaultVenv, sessionsOpen };
    },
    workers: async () => (await told(hosts.listWorkers({}, { headers }))).workers.map(workerOf),
    async *watchHost(options) {
      try {
        yield* hosts.watchHost({}, { headers, ...options });
      } catch (error) {
        throw failureOf(error);
      }
    },
    hold: async (sessionId, expression) =>
      heldId(await told(objects.apply(holdRequest(sessionId, expression), { headers }))),
    readObject: (query, options) => objectRead(failing(objects.read(readRequest(query), { headers, ...options }))),
    writeObject: async (what, data, options) =>
      objectWritten(await told(writing.write(writeRequests(what, data), { headers, ...options }))),
    close,
  };
}

async function* requests(said: AsyncIterable<Said>) {
  for await (const each of said) yield interactRequest(each);
}

async function* failing<T>(answers: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* answers;
  } catch (error) {
    throw failureOf(error);
  }
}

async function* events(stream: AsyncIterable<AnyEvent>): AsyncGenerator<Event> {
  try {
    for await (const event of stream) yield eventOf(event);
  } catch (error) {
    throw failureOf(error);
  }
}

async function told<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw failureOf(error);
  }
}

function failureOf(thrown: unknown): CallFailed {
  const error = ConnectError.from(thrown);
  return new CallFailed(error.rawMessage, {
    code: error.code,
    reason: error.findDetails(ErrorInfoSchema)[0]?.reason,
    requestId: error.findDetails(RequestInfoSchema)[0]?.requestId,
    cause: thrown,
  });
}
