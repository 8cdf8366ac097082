/** A gateway's ports over services that do what the code of a request says, and clients for every protocol. */
import { create } from '@bufbuild/protobuf';
import { type Client, createClient, type Transport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import { type Call, Encoded, encoded, type MountedService, mount } from '../../../src/call.ts';
import { BeepError, errors, isReason } from '../../../src/errors.ts';
import {
  ExecuteService,
  type ExecutionEvent,
  ExecutionEventSchema,
  ExecutionResultSchema,
} from '../../../src/gen/es/beep/python/v1/execute_pb.ts';
import { GetStatsResponseSchema, HostService } from '../../../src/gen/es/beep/python/v1/host_pb.ts';
import { ObjectService, WriteResponseSchema } from '../../../src/gen/es/beep/python/v1/object_pb.ts';
import { createInterceptors, type InterceptorOptions } from '../../../src/interceptors/order.ts';
import { createOriginCheck } from '../../../src/interceptors/origin.ts';
import { createCheck } from '../../../src/interceptors/validate.ts';
import { createMetrics } from '../../../src/metrics.ts';
import { createHealthService } from '../../../src/services/health.ts';
import { createReflectionServices } from '../../../src/services/reflection.ts';
import { createListeners, type ListenersOptions } from '../../../src/transports/listeners.ts';

export const token = 'sesame-sesame-sesame-sesame';
export const authorization = `Bearer ${token}`;
/** Small, so that tests need not send much. */
export const maxMessageBytes = 1024 * 1024;

/** What has happened in the handlers. */
export interface Observed {
  /** Reasons for which signals were aborted, by the code that waited for it. */
  readonly aborted: Map<string, PromiseWithResolvers<string>>;
  /** Events that `flood` has made. */
  flooded: number;
  readonly calls: Call[];
}

export type GatewayOptions = Partial<Omit<ListenersOptions, 'intercept'>> &
  Partial<Omit<InterceptorOptions, 'check' | 'log' | 'isOpen'>>;

/** Starts one on free ports; closed by `await using`. */
export async function startGateway(options: GatewayOptions = {}) {
  const observed: Observed = { aborted: new Map(), flooded: 0, calls: [] };
  const metrics = createMetrics();
  const lines = new Map<string, PromiseWithResolvers<Record<string, unknown>>>();
  const lineOf = (requestId: string) => {
    const line = lines.get(requestId) ?? Promise.withResolvers();
    lines.set(requestId, line);
    return line;
  };
  const log = (facts: object) => {
    const line = facts as Record<string, unknown>;
    lineOf(line.requestId as string).resolve(line);
  };
  const services = [...testServices(observed), ...(options.services ?? [])];
  const listeners = createListeners({
    intercept: (callable) =>
      createInterceptors({
        auth: 'token',
        tokens: [
          { name: 'default', token },
          { name: 'second', token: `${token}-2` },
        ],
        maxConcurrentCallsPerPrincipal: 500,
        metrics,
        check: createCheck(services.map(({ service }) => service)),
        log: { info: log, warn: log, error: log },
        ...options,
        ...callable,
      }),
    isAllowedOrigin: createOriginCheck(options.allowOrigin ?? []),
    host: '127.0.0.1',
    httpPort: 0,
    rpcPort: 0,
    maxMessageBytes,
    maxConcurrentStreams: 1000,
    metrics: metrics.registry,
    ...options,
    services,
  });
  const { http, rpc } = await listeners.listen();
  const httpUrl = `http://127.0.0.1:${http?.port}`;
  const rpcUrl = `http://127.0.0.1:${rpc?.port}`;
  return {
    observed,
    /** What the log says of a call; it is written after the answer has left. */
    lineOf: (requestId: string | null | undefined) => lineOf(requestId ?? '').promise,
    metrics,
    services,
    httpUrl,
    rpcUrl,
    httpPort: http?.port ?? 0,
    rpcPort: rpc?.port ?? 0,
    listeners,
    close: (graceMs = 0) => listeners.close(graceMs),
    [Symbol.asyncDispose]: () => listeners.close(0),
  };
}

export type Gateway = Awaited<ReturnType<typeof startGateway>>;

/** A call of `run` or `execute` with this code. */
export function code(value: string) {
  return { source: { case: 'code', value } as const };
}

/** Every way in, for one list of scenarios. */
export const protocols = [
  'grpc rpc',
  'grpc http',
  'connect json 1.1',
  'connect binary h2',
  'grpc-web 1.1',
  'grpc-web h2',
] as const;
export type Protocol = (typeof protocols)[number];

/** A transport of Connect's own client, which knows all protocols. */
export function transportOf(
  gateway: Gateway,
  protocol: Protocol,
  headers: Record<string, string> = { authorization },
): Transport {
  const interceptors = [
    (next: (request: never) => Promise<never>) => (request: { header: Headers }) => {
      for (const [name, value] of Object.entries(headers)) request.header.set(name, value);
      return next(request as never);
    },
  ] as never;
  const { httpUrl, rpcUrl } = gateway;
  switch (protocol) {
    case 'grpc rpc':
      return createGrpcTransport({ baseUrl: rpcUrl, interceptors });
    case 'grpc http':
      return createGrpcTransport({ baseUrl: httpUrl, interceptors });
    case 'connect json 1.1':
      return createConnectTransport({ baseUrl: httpUrl, httpVersion: '1.1', useBinaryFormat: false, interceptors });
    case 'connect binary h2':
      return createConnectTransport({ baseUrl: httpUrl, httpVersion: '2', useBinaryFormat: true, interceptors });
    case 'grpc-web 1.1':
      return createGrpcWebTransport({ baseUrl: httpUrl, httpVersion: '1.1', interceptors });
    case 'grpc-web h2':
      return createGrpcWebTransport({ baseUrl: httpUrl, httpVersion: '2', interceptors });
  }
}

/** A client of ExecuteService. */
export function executeClient(
  gateway: Gateway,
  protocol: Protocol,
  headers?: Record<string, string>,
): Client<typeof ExecuteService> {
  return createClient(ExecuteService, transportOf(gateway, protocol, headers));
}

/** Waits until a handler that waited under this name has been told to stop, and says why. */
export function abortOf(observed: Observed, name: string): Promise<string> {
  return slot(observed, name).promise;
}

function slot(observed: Observed, name: string): PromiseWithResolvers<string> {
  const found = observed.aborted.get(name) ?? Promise.withResolvers<string>();
  observed.aborted.set(name, found);
  return found;
}

function testServices(observed: Observed): MountedService[] {
  const reasonOf = (call: Call) =>
    call.signal.reason instanceof BeepError ? call.signal.reason.reason : String(call.signal.reason);
  const untilAborted = (call: Call, name: string): Promise<never> =>
    new Promise((_, reject) => {
      const onAbort = () => {
        slot(observed, name).resolve(reasonOf(call));
        reject(call.signal.reason);
      };
      if (call.signal.aborted) onAbort();
      else call.signal.addEventListener('abort', onAbort);
    });
  const event = (seq: number, executionId: string, body?: ExecutionEvent['body']) =>
    create(ExecutionEventSchema, { seq: BigInt(seq), executionId, body });

  const execute = mount(ExecuteService, {
    async run({ message }, call) {
      observed.calls.push(call);
      const [word = '', argument = ''] = String(message.source.value).split(' ');
      if (word === 'hang') await untilAborted(call, 'run');
      if (word === 'deaf') await new Promise(() => {});
      if (word === 'throw') throw new Error('a secret of ours');
      if (word === 'encoded') {
        const result = create(ExecutionResultSchema, { text: argument });
        return new Encoded(ExecutionResultSchema, encoded(ExecutionResultSchema, result));
      }
      if (word === 'large') return create(ExecutionResultSchema, { text: 'x'.repeat(Number(argument)) });
      if (isReason(word))
        throw errors.fromReason(word, argument || 'as asked', { metadata: { asked: 'yes' }, retryAfterMs: 1500 });
      return create(ExecutionResultSchema, { text: String(message.source.value), stdout: call.principal });
    },
    async *execute({ message }, call) {
      observed.calls.push(call);
      const [word = '', argument = ''] = String(message.source.value).split(' ');
      if (word === 'count') for (let i = 1; i <= Number(argument); i++) yield event(i, argument);
      if (word === 'break') {
        yield event(1, 'first');
        throw errors.workerLost('as asked');
      }
      if (word === 'hang') {
        yield event(1, 'first');
        await untilAborted(call, 'execute');
      }
      if (word === 'flood') {
        const data = new Uint8Array(64 * 1024);
        try {
          for (;;) {
            observed.flooded++;
            yield event(observed.flooded, 'flood', { case: 'output', value: { data } as never });
          }
        } finally {
          slot(observed, 'flood').resolve('ended');
        }
      }
    },
    async *interact(requests, call) {
      let seq = 0;
      try {
        for await (const { message } of requests) yield event(++seq, message.message.case ?? '');
      } finally {
        if (call.signal.aborted) slot(observed, 'interact').resolve(reasonOf(call));
      }
    },
  });
  const object = mount(ObjectService, {
    async write(requests) {
      let bytes = 0;
      for await (const { message } of requests) if (message.part.case === 'data') bytes += message.part.value.length;
      return create(WriteResponseSchema, { receivedBytes: BigInt(bytes) });
    },
    // Takes one message and no more.
    // biome-ignore lint/correctness/useYield: it answers nothing either
    async *converse(requests, call) {
      await requests[Symbol.asyncIterator]().next();
      await untilAborted(call, 'converse');
    },
  });
  const host = mount(HostService, {
    async getStats() {
      return create(GetStatsResponseSchema, { sessionsOpen: 7 });
    },
  });
  const own = [execute, object, host];
  const descriptors = own.map(({ service }) => service);
  const health = createHealthService({ services: descriptors.map(({ typeName }) => typeName), isReady: () => true });
  return [...own, health, ...createReflectionServices([...descriptors, health.service])];
}
