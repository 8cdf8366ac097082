/** The gateway's two ports, from its services and routes: every protocol on the HTTP port, native gRPC on the RPC port. */
import type { AddressInfo } from 'node:net';
import type { MountedService } from '../call.ts';
import type { InterceptorChain } from '../interceptors/order.ts';
import type { OriginCheck } from '../interceptors/origin.ts';
import { createConnectHandler } from './connect/handler.ts';
import { createDispatcher, type Dispatcher } from './dispatch.ts';
import { createGrpcHandler } from './grpc/handler.ts';
import { createCors } from './http/cors.ts';
import { createHttpHandler } from './http/handler.ts';
import { createListener, type Listener, type ListenerOptions } from './listener.ts';
import { openApiRoute } from './rest/openapi/routes.ts';
import { healthRoute, ownRoutes, preflightRoute } from './rest/own-routes.ts';
import type { Route } from './rest/route.ts';
import { createRestHandler, procedureOf } from './rest/router.ts';

/** What the interceptors are told of all that there is to call. */
export interface Callable {
  /** Whether a procedure needs no token on loopback. */
  isOpen: (procedure: string) => boolean;
  /** Names that the ports answer to by themselves. */
  ownHosts: readonly string[];
}

/** Settings of the ports. Times and caps have defaults that need no thought. */
export interface ListenersOptions {
  /** Makes the one chain of interceptors for all ports, by `createInterceptors`. */
  intercept: (callable: Callable) => InterceptorChain;
  /** For the answers to pages of other origins; the gate has the same. */
  isAllowedOrigin: OriginCheck;
  host: string;
  /** Undefined: no such port; 0: any free one. */
  httpPort?: number;
  rpcPort?: number;
  services: readonly MountedService[];
  /** The gateway's, for its OpenAPI description. */
  version?: string;
  /** Plain routes of the HTTP port. */
  routes?: readonly Route[];
  /** Plain routes of the RPC port, beside `/health`. */
  rpcRoutes?: readonly Route[];
  /** For messages and bodies, in both directions, on every protocol. */
  maxMessageBytes: number;
  maxConcurrentStreams: number;
  maxConnections?: number;
  /** What `/metrics` shows. */
  metrics?: { readonly contentType: string; metrics(): Promise<string> };
  isReady?: () => boolean;
  /** See ListenerOptions; a caller that stops in the middle of a body is cut off after `bodyIdleTimeoutMs`. */
  timeouts?: Partial<
    Pick<
      ListenerOptions,
      'firstByteTimeoutMs' | 'headersTimeoutMs' | 'requestTimeoutMs' | 'idleTimeoutMs' | 'pingIntervalMs'
    >
  > & {
    bodyIdleTimeoutMs?: number;
  };
}

/** The ports, not yet open. */
export interface Listeners {
  /** Opens them, all or none. */
  listen(): Promise<{ http?: AddressInfo; rpc?: AddressInfo }>;
  /** Closes them: accepts nothing new, waits for calls under way, and after the grace for nothing. */
  close(graceMs: number): Promise<void>;
  /** For transports of other kinds, such as the pipe: the same interceptors, the same handlers. */
  readonly dispatcher: Dispatcher;
}

const defaultTimeouts = {
  firstByteTimeoutMs: 10_000,
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 600_000,
  idleTimeoutMs: 75_000,
  pingIntervalMs: 30_000,
  bodyIdleTimeoutMs: 30_000,
};

/** Services that need no token on loopback. */
const openServices = [
  'grpc.health.v1.Health',
  'grpc.reflection.v1.ServerReflection',
  'grpc.reflection.v1alpha.ServerReflection',
];

/** Makes the ports. */
export function createListeners(options: ListenersOptions): Listeners {
  const { bodyIdleTimeoutMs, ...timeouts } = { ...defaultTimeouts, ...options.timeouts };
  const { maxMessageBytes, services, maxConcurrentStreams } = options;
  const routes = [
    ...(options.routes ?? []),
    ...ownRoutes({ isReady: options.isReady, metrics: options.metrics }),
    preflightRoute,
  ];
  routes.push(
    openApiRoute({
      version: options.version ?? '0',
      routes,
      services,
      isOpen: (procedure) => open.has(procedure),
    }),
  );
  const rpcRoutes = [healthRoute, preflightRoute, ...(options.rpcRoutes ?? [])];
  const open = new Set([
    ...[...routes, ...rpcRoutes].filter((route) => route.open).map(procedureOf),
    ...services
      .filter(({ service }) => openServices.includes(service.typeName))
      .flatMap(({ service }) => service.methods.map((method) => `/${service.typeName}/${method.name}`)),
  ]);
  const chain = options.intercept({
    isOpen: (procedure) => open.has(procedure),
    ownHosts: isWildcard(options.host) ? [] : [options.host],
  });
  const dispatcher = createDispatcher(services, chain);
  const limits = { maxBytes: maxMessageBytes, idleTimeoutMs: bodyIdleTimeoutMs };
  const cors = createCors(options.isAllowedOrigin);
  const onGrpc = createGrpcHandler(dispatcher, { maxMessageBytes, bodyIdleTimeoutMs });
  const common = {
    host: options.host,
    maxConcurrentStreams,
    maxConnections: options.maxConnections ?? 2000,
    onGrpc,
    ...timeouts,
  };

  const connect = createConnectHandler(dispatcher, limits);
  const onHttp = createHttpHandler({ rest: createRestHandler(dispatcher, routes, limits), connect, cors });
  const onRpcHttp = createHttpHandler({ rest: createRestHandler(dispatcher, rpcRoutes, limits), cors });
  const { httpPort, rpcPort } = options;
  const http = httpPort === undefined ? undefined : createListener({ ...common, name: 'http', port: httpPort, onHttp });
  const rpc =
    rpcPort === undefined ? undefined : createListener({ ...common, name: 'rpc', port: rpcPort, onHttp: onRpcHttp });
  const opened: Listener[] = [];

  async function close(graceMs: number): Promise<void> {
    await Promise.all(opened.splice(0).map((listener) => listener.close(graceMs)));
  }

  async function opening(listener: Listener | undefined): Promise<AddressInfo | undefined> {
    if (listener === undefined) return undefined;
    const address = await listener.listen();
    opened.push(listener);
    return address;
  }

  return {
    dispatcher,
    close,
    async listen() {
      try {
        return { http: await opening(http), rpc: await opening(rpc) };
      } catch (error) {
        await close(0);
        throw error;
      }
    },
  };
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
