/** The composition root: builds every part once, and ends them in the order that loses nothing. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { isIPv6 } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mount } from './call.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { PythonService } from './gen/es/beep/python/runtime/python_service_pb.ts';
import { ExecuteService } from './gen/es/beep/python/v1/execute_pb.ts';
import { HostService } from './gen/es/beep/python/v1/host_pb.ts';
import { ObjectService } from './gen/es/beep/python/v1/object_pb.ts';
import { VenvService } from './gen/es/beep/python/v1/venv_pb.ts';
import { createInterceptors } from './interceptors/order.ts';
import { createOriginCheck } from './interceptors/origin.ts';
import { createCheck } from './interceptors/validate.ts';
import { type Logger, withPlainFacts } from './log.ts';
import { createMetrics } from './metrics.ts';
import { createExecuteService } from './services/execute.ts';
import { createHealthService } from './services/health.ts';
import { createHostService } from './services/host.ts';
import { createObjectService } from './services/objects.ts';
import { createReflectionServices } from './services/reflection.ts';
import { createSessionDirectory } from './sessions/directory.ts';
import { createFigures } from './sessions/figures.ts';
import { createHostChanges } from './sessions/host-changes.ts';
import { createWorkerChanges } from './sessions/worker-changes.ts';
import type { Token } from './tokens.ts';
import { createListeners } from './transports/listeners.ts';
import { pageRoutes } from './transports/rest/pages.ts';
import { plainRoutes } from './transports/rest/routes/all.ts';
import type { EnvironmentInForce } from './venvs/environment-in-force.ts';
import type { ResolveEnvironment } from './venvs/resolve.ts';
import { version } from './version.ts';
import { createWorkerPool } from './workers/pool.ts';

/** What the command line hands over: settings that are checked, a home that is locked, an environment that is there. */
export interface GatewayOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: Clock;
  /** Interpreter of the admin environment. */
  readonly adminPython: string;
  readonly defaultEnvironment: EnvironmentInForce;
  readonly resolveEnvironment: ResolveEnvironment;
  readonly tokens: readonly Token[];
}

/** A gateway that accepts calls. */
export interface Gateway {
  readonly endpoints: { readonly http: string | null; readonly rpc: string | null; readonly pipe: string | null };
  /** Accepts nothing new, waits for calls under way for a while, ends every session and worker. */
  close(): Promise<void>;
}

// Calls under way have so long to end by themselves, and then so long to hear of their end.
const closeGraceMs = 5_000;
const endGraceMs = 1_000;

// A Unix socket's path has room for so many bytes.
const maxSocketPathBytes = 100;

/** Starts everything; when it throws, nothing is left running. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, log, clock, defaultEnvironment } = options;
  const run = join(config.home, 'run');
  const [workspaces, logs] = [join(run, 'sessions'), join(run, 'logs')];
  for (const folder of [workspaces, logs]) {
    await rm(folder, { recursive: true, force: true }); // of what ended with an earlier gateway
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  const sockets = socketFolder(run);

  const pool = createWorkerPool({
    size: config.workers,
    clock,
    log,
    python: options.adminPython,
    pythonFolder: fileURLToPath(new URL('../python', import.meta.url)),
    socketFolder: sockets.path,
    maxSessions: config.maxSessionsPerWorker,
    maxQueuedItems: config.maxQueuedItems,
    maxMessageBytes: config.maxMessageBytes,
    maxOutputBytes: config.maxOutputBytes,
    interruptGraceMs: config.interruptGraceMs,
    logFolder: logs,
    maxKeptLogBytes: Math.floor(config.maxKeptLogBytes / config.workers),
  });
  const changes = createHostChanges();
  const directory = createSessionDirectory({
    pool,
    changes,
    workspaces,
    maxSessions: config.maxSessions,
    maxSessionsPerWorker: config.maxSessionsPerWorker,
  });

  let isReady = false;
  let endpoints: Gateway['endpoints'] = { http: null, rpc: null, pipe: null };
  const metrics = createMetrics({ process: true });
  metrics.gauge('beep_python_sessions', 'Sessions that are open.', () => directory.size);
  const defaults = {
    resolveEnvironment: options.resolveEnvironment,
    venv: config.venv,
    idleTimeoutMs: config.idleTimeoutMs,
    defaultSessionIdleTimeoutMs: config.defaultSessionIdleTimeoutMs,
    sessionMemoryBytes: config.sessionMemoryBytes,
    sessionProcesses: config.sessionProcesses,
  };
  const execute = createExecuteService({ directory, defaults });
  const objects = createObjectService({ directory, defaults });
  const host = createHostService(
    {
      version,
      bootId: randomUUID(),
      startedAt: new Date(clock.now()),
      endpoints: () => endpoints,
      defaultVenv: defaultEnvironment.name,
      maxMessageBytes: config.maxMessageBytes,
      maxTimeoutMs: config.maxTimeoutMs,
    },
    { changes, figures: createFigures(pool), directory, clock },
  );
  const services = [
    mount(HostService, host),
    mount(VenvService, {}),
    mount(ExecuteService, execute.service),
    mount(ObjectService, objects),
    mount(PythonService, {}),
  ];
  const descriptors = services.map(({ service }) => service);
  const check = createCheck(descriptors);
  const health = createHealthService({ services: descriptors.map(({ typeName }) => typeName), isReady: () => isReady });
  const reflection = createReflectionServices([...descriptors, health.service]);
  const listeners = createListeners({
    intercept: (callable) =>
      createInterceptors({
        ...callable,
        auth: config.auth,
        tokens: options.tokens,
        allowHost: config.allowHost,
        allowOrigin: config.allowOrigin,
        maxTimeoutMs: config.maxTimeoutMs,
        maxConcurrentCallsPerPrincipal: config.maxConcurrentCallsPerPrincipal,
        check,
        log: withPlainFacts(log),
        metrics,
      }),
    isAllowedOrigin: createOriginCheck(config.allowOrigin),
    host: config.host,
    httpPort: config.backend === 'Rpc' ? undefined : config.httpPort,
    rpcPort: config.backend === 'Http' ? undefined : config.rpcPort,
    maxMessageBytes: config.maxMessageBytes,
    maxConcurrentStreams: config.maxConcurrentStreams,
    maxConnections: config.maxConnections,
    services: [...services, health, ...reflection],
    routes: [
      ...plainRoutes({
        execute: execute.service,
        objects,
        submit: execute.submit,
        check,
      }),
      ...(await pageRoutes(fileURLToPath(new URL('pages', import.meta.url)))),
    ],
    metrics: metrics.registry,
    isReady: () => isReady,
  });

  const principal = config.auth === 'token' ? 'token:default' : `uid:${process.getuid?.() ?? 0}`;
  const prepare = () =>
    directory.prepare({ principal, environment: defaultEnvironment, preload: [] }).catch((error: unknown) => {
      log.warn({ err: error }, 'the template of the default environment did not start');
    });
  const close = async () => {
    isReady = false;
    changes.emit({ kind: 'drain.started', subject: 'gateway', message: 'the gateway is shutting down' });
    // Calls under way may end by themselves for a while; then their workers go, and every one of them still gets its
    // typed end, since the listeners are the last to be closed.
    const closing = listeners.close(closeGraceMs + endGraceMs);
    const timer = setTimeout(() => void pool.close(), closeGraceMs);
    await closing;
    clearTimeout(timer);
    await pool.close();
    sockets.remove();
    for (const folder of [workspaces, logs]) await rm(folder, { recursive: true, force: true });
  };

  try {
    await pool.start([createWorkerChanges(changes), directory, { onReady: () => isReady && void prepare() }]);
    const addresses = await listeners.listen();
    await prepare();
    endpoints = { http: urlOf(addresses.http), rpc: urlOf(addresses.rpc), pipe: null };
    isReady = true;
  } catch (error) {
    await close();
    throw error;
  }
  return { endpoints, close };
}

/** Under the home, unless the home's path is too long for a socket's. */
function socketFolder(run: string): { path: string; remove(): void } {
  if (Buffer.byteLength(join(run, 'w64-10000.sock')) <= maxSocketPathBytes) return { path: run, remove() {} };
  const path = mkdtempSync(join(tmpdir(), 'beep-python-')); // made with mode 0700
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

function urlOf(address: AddressInfo | undefined): string | null {
  if (address === undefined) return null;
  return `http://${isIPv6(address.address) ? `[${address.address}]` : address.address}:${address.port}`;
}
