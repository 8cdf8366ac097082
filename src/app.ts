/** The composition root: builds every part once, and ends them in the order that loses nothing. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mount } from './call.ts';
import type { Clock } from './clock.ts';
import { type Config, settings } from './config.ts';
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
import { createCallers } from './original/caller.ts';
import { createJsonRoutes } from './original/http.ts';
import { createOperations } from './original/operations.ts';
import { createPipe } from './original/pipe.ts';
import { createPythonService } from './original/service.ts';
import { createVenvCommands, createVenvRoutes } from './original/venvs.ts';
import { createDefaultRuntime } from './runtimes/default-runtime.ts';
import { sweepRuntimes } from './runtimes/install.ts';
import { createHomeRuntimes } from './runtimes/runtimes.ts';
import { createExecuteService } from './services/execute.ts';
import { createHealthService } from './services/health.ts';
import { createHostService } from './services/host.ts';
import { createObjectService } from './services/objects.ts';
import { createOriginalVenvs } from './services/original-venvs.ts';
import { createPackageService } from './services/packages.ts';
import { createReadiness } from './services/readiness.ts';
import { createReflectionServices } from './services/reflection.ts';
import { createRuntimeService } from './services/runtimes.ts';
import { createVenvs } from './services/venvs.ts';
import { createSessionDirectory } from './sessions/directory.ts';
import { createFigures } from './sessions/figures.ts';
import { createHostChanges } from './sessions/host-changes.ts';
import { createWorkerChanges } from './sessions/worker-changes.ts';
import type { Token } from './tokens.ts';
import { createListeners } from './transports/listeners.ts';
import { executeCommand } from './transports/pipe/execute-command.ts';
import { createPipeListener, type PipeListener } from './transports/pipe/listener.ts';
import { PathTaken } from './transports/pipe/paths.ts';
import { docsRoutes } from './transports/rest/docs-page.ts';
import { jsonRoutes } from './transports/rest/json-routes.ts';
import { pageRoutes } from './transports/rest/pages.ts';
import { plainRoutes } from './transports/rest/routes/all.ts';
import type { ResolveIndex } from './uv/package-index.ts';
import { createPythons } from './venvs/changes/pythons.ts';
import type { EnvironmentInForce } from './venvs/environment-in-force.ts';
import { createEnvironments } from './venvs/environments.ts';
import { doubtInterpreter } from './venvs/generations/interpreter.ts';
import { environmentsByInterpreter } from './venvs/generations/made-from.ts';
import { createUses } from './venvs/generations/use.ts';
import { defaultName, type HomeLayout } from './venvs/layout.ts';
import { createAcceleratorDetection } from './venvs/naming/accelerator.ts';
import type { ResolveEnvironment } from './venvs/resolve.ts';
import { createSessionResolver } from './venvs/session-environment.ts';
import { version } from './version.ts';
import { endLeftovers } from './workers/leftovers.ts';
import { createWorkerPool } from './workers/pool.ts';
import { openSocketFolder } from './workers/socket-folder.ts';

/** What the command line hands over: settings that are checked, a home that is locked, an environment that is there. */
export interface GatewayOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: Clock;
  readonly defaultEnvironment: EnvironmentInForce;
  readonly resolveEnvironment: ResolveEnvironment;
  readonly layout: HomeLayout;
  readonly resolveIndex: ResolveIndex;
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

/** Starts everything; when it throws, nothing is left running. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, log, clock, defaultEnvironment, layout } = options;
  const run = join(config.home, 'run');
  const [workspaces, logs, downloads] = [join(run, 'sessions'), join(run, 'logs'), join(run, 'downloads')];
  const left = existsSync(workspaces) ? await endLeftovers(workspaces) : 0;
  if (left > 0) log.warn({ left }, 'processes of an earlier gateway were ended');
  for (const folder of [workspaces, logs, downloads]) {
    await rm(folder, { recursive: true, force: true }); // of what ended with an earlier gateway
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  await sweepRuntimes(layout);
  const sockets = openSocketFolder(run);

  const pool = createWorkerPool({
    size: config.workers,
    clock,
    log,
    python: layout.adminPython,
    pythonFolder: fileURLToPath(new URL('../python', import.meta.url)),
    socketFolder: sockets.path,
    sessionsFolder: workspaces,
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
    onStartFailed: ({ pythonPath }) => doubtInterpreter(pythonPath),
    onVenvLeft: (venv, generation) => void environments.release(venv, generation).catch(warnOf(log, venv)),
  });
  const chosen = createDefaultRuntime(layout.home);
  const runtimes = createHomeRuntimes(layout.home, layout.runtimes, chosen);
  const uses = createUses(layout, clock.now);
  const protectedNames = [defaultName, defaultEnvironment.name];
  const environments = createEnvironments({
    layout,
    log,
    now: clock.now,
    pythons: createPythons(runtimes),
    resolveIndex: options.resolveIndex,
    policy: config,
    keptGenerations: config.keptGenerations,
    protectedNames,
    holders: directory.sessionsIn,
    closeSession: directory.close,
    async onChanged(name, generation) {
      const kind = generation === 0 ? 'venv.deleted' : 'venv.changed';
      changes.emit({ kind, subject: name, attributes: { generation: String(generation) } });
      // Nobody asks for a former generation's again; under the name of what was deleted there may soon be another.
      const released = directory.releaseTemplates(name, generation);
      if (generation === 0) await released;
      if (name === defaultEnvironment.name) void prepare();
    },
  });

  const isWanted = (backend: 'Http' | 'Rpc' | 'Pipe') => config.backend === 'All' || config.backend === backend;
  const readiness = createReadiness(() => pool.slots.some(({ state }) => state !== 'failed'));
  let endpoints: Gateway['endpoints'] = { http: null, rpc: null, pipe: null };
  const metrics = createMetrics({ process: true });
  metrics.gauge('beep_python_sessions', 'Sessions that are open.', () => directory.size);
  const defaults = {
    resolveEnvironment: createSessionResolver(options.resolveEnvironment, uses),
    venv: config.venv,
    idleTimeoutMs: config.idleTimeoutMs,
    defaultSessionIdleTimeoutMs: config.defaultSessionIdleTimeoutMs,
    sessionMemoryBytes: config.sessionMemoryBytes,
    sessionProcesses: config.sessionProcesses,
  };
  const runtimeService = createRuntimeService({
    places: layout,
    workFolder: downloads,
    settings: config,
    runtimes,
    chosen,
    environmentsByInterpreter: () => environmentsByInterpreter(layout),
  });
  const execute = createExecuteService({ directory, defaults });
  const objects = createObjectService({
    directory,
    defaults,
    readStallTimeoutMs: config.readStallTimeoutMs,
  });
  const operations = createOperations(directory);
  const callerOf = createCallers(directory, defaults);
  const original = createJsonRoutes(operations, callerOf);
  const host = createHostService(
    {
      version,
      bootId: randomUUID(),
      startedAt: new Date(clock.now()),
      endpoints: () => endpoints,
      defaultRuntimeId: runtimeService.defaultId,
      defaultVenv: defaultEnvironment.name,
      maxMessageBytes: config.maxMessageBytes,
      maxTimeoutMs: config.maxTimeoutMs,
    },
    { changes, figures: createFigures(pool), directory, clock },
  );
  const detectAccelerator = createAcceleratorDetection();
  const originalVenvs = createOriginalVenvs({ layout, environments, detectAccelerator });
  const venvs = createVenvs({
    layout,
    environments,
    resolveEnvironment: options.resolveEnvironment,
    uses,
    completeRuntimes: runtimeService.complete,
    detectAccelerator,
    defaultVenv: defaultEnvironment.name,
    protectedNames,
    sessionsIn: (name) => directory.sessionsIn(name).length,
  });
  const packages = createPackageService({
    layout,
    resolveEnvironment: options.resolveEnvironment,
    resolveIndex: options.resolveIndex,
    policy: config,
    defaultVenv: defaultEnvironment.name,
  });
  const services = [
    mount(HostService, { ...host, ...runtimeService.service }),
    mount(VenvService, { ...venvs, ...packages }),
    mount(ExecuteService, execute.service),
    mount(ObjectService, objects),
    mount(PythonService, createPythonService(operations, callerOf, config.maxMessageBytes)),
  ];
  const descriptors = services.map(({ service }) => service);
  const check = createCheck(descriptors);
  const health = createHealthService({
    services: descriptors.map(({ typeName }) => typeName),
    isReady: readiness.isReady,
    onChange: readiness.listen,
    hasEnded: readiness.hasEnded,
  });
  const reflection = createReflectionServices([...descriptors, health.service]);
  const plain = plainRoutes({ execute: execute.service, objects, submit: execute.submit, check });
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
    httpPort: isWanted('Http') ? config.httpPort : undefined,
    rpcPort: isWanted('Rpc') ? config.rpcPort : undefined,
    maxMessageBytes: config.maxMessageBytes,
    maxConcurrentStreams: config.maxConcurrentStreams,
    maxConnections: config.maxConnections,
    version,
    services: [...services, health, ...reflection],
    routes: [
      ...plain,
      ...jsonRoutes([...original.http, ...createVenvRoutes(originalVenvs)]),
      ...(await pageRoutes(fileURLToPath(new URL('pages', import.meta.url)))),
      ...docsRoutes(fileURLToPath(new URL('pages/docs', import.meta.url))),
    ],
    rpcRoutes: jsonRoutes(original.rpc),
    metrics: metrics.registry,
    isReady: readiness.isReady,
  });

  const pipe = createPipeListener({
    name: config.pipeName,
    dispatcher: listeners.dispatcher,
    converse: createPipe({
      operations,
      directory,
      defaults,
      others: { execute: { answer: executeCommand(plain) }, ...createVenvCommands(originalVenvs) },
    }),
    maxMessageBytes: config.maxMessageBytes,
    maxConnections: config.maxConnections,
  });

  const principal =
    config.auth === 'token' && config.backend !== 'Pipe' ? 'token:default' : `uid:${process.getuid?.() ?? 0}`;
  const prepare = () =>
    options
      .resolveEnvironment(defaultEnvironment.name)
      .then((environment) => directory.prepare({ principal, environment, preload: [] }))
      .catch((error: unknown) => {
        log.warn({ err: error }, 'the template of the default environment did not start');
      });
  const close = async () => {
    readiness.end();
    changes.emit({ kind: 'drain.started', subject: 'gateway', message: 'the gateway is shutting down' });
    // Calls under way may end by themselves for a while; then their workers go, and every one of them still gets its
    // typed end, since the listeners are the last to be closed.
    const graceMs = closeGraceMs + endGraceMs;
    const closing = Promise.all([listeners.close(graceMs), pipe.close(graceMs)]);
    const endCalls = () => Promise.all([environments.close(), runtimeService.close(), pool.close()]);
    const timer = setTimeout(() => void endCalls(), closeGraceMs);
    await closing;
    clearTimeout(timer);
    await endCalls();
    sockets.remove();
    for (const folder of [workspaces, logs, downloads]) await rm(folder, { recursive: true, force: true });
  };

  try {
    await pool.start([
      createWorkerChanges(changes),
      directory,
      { onStarting: readiness.tell, onReady: readiness.tell, onFailed: readiness.tell },
      { onReady: () => readiness.isReady() && void prepare() },
    ]);
    const addresses = await listeners.listen();
    const pipePath = isWanted('Pipe') ? await openPipe(pipe, config, log) : null;
    await prepare();
    endpoints = { http: urlOf(addresses.http), rpc: urlOf(addresses.rpc), pipe: pipePath };
    readiness.begin();
    void environments.sweep().catch(warnOf(log, 'all'));
  } catch (error) {
    await close();
    throw error;
  }
  return { endpoints, close };
}

/** Nobody who asked for no pipe in particular does without the rest because another gateway has the usual one. */
async function openPipe(pipe: PipeListener, config: Config, log: Logger): Promise<string | null> {
  try {
    return await pipe.listen();
  } catch (error) {
    const isUsual = config.backend === 'All' && config.pipeName === settings.pipeName.defaultValue({});
    if (!isUsual || !(error instanceof PathTaken)) throw error;
    log.warn({ err: error }, 'the pipe was not opened');
    return null;
  }
}

/** For what is done beside the calls: nobody waits for it. */
function warnOf(log: Logger, venv: string) {
  return (error: unknown) => log.warn({ err: error, venv }, 'what is left of an environment was not removed');
}

function urlOf(listening: AddressInfo | undefined): string | null {
  if (listening === undefined) return null;
  const { port } = listening;
  const address = { '0.0.0.0': '127.0.0.1', '::': '::1' }[listening.address] ?? listening.address;
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}
