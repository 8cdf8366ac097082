/** `start`: takes the home, makes what is missing in it, starts the gateway, says how to reach it, and stays until told to end. */
import { flushCompileCache } from 'node:module';
import { systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { BeepError } from '../errors.ts';
import { createLogger } from '../log.ts';
import { type LogFile, openLogFile } from '../log-file.ts';
import { ensureToken, readTokens } from '../tokens.ts';
import { createIndexResolver } from '../uv/package-index.ts';
import { createPipConfiguration } from '../uv/pip-configuration.ts';
import { secretsOf } from '../uv/redact.ts';
import { ensureDefaultEnvironment } from '../venvs/default-environment.ts';
import { defaultName } from '../venvs/layout.ts';
import { createResolver } from '../venvs/resolve.ts';
import { version } from '../version.ts';
import { CliFailure } from './failure.ts';
import { removeGatewayFile, writeGatewayFile } from './gateway-file.ts';
import { openHome, takeHome } from './home.ts';
import { printReady } from './ready-message.ts';
import { readSettingsFile } from './settings-file.ts';
import { type StartFlags, startConfig } from './start-flags.ts';
import { untilToldToEnd } from './until-told-to-end.ts';

/** Runs the command; returns when the gateway has ended, or runs in the background. */
export async function start(transport: string | undefined, flags: StartFlags, args: readonly string[]): Promise<void> {
  const config = startConfig(transport, flags, process.env, await readSettingsFile(flags));
  if (flags.detach) {
    const { startInBackground } = await import('./detach.ts');
    return await startInBackground(config, args);
  }
  await runGateway(config);
}

async function runGateway(config: Config): Promise<void> {
  const startedAt = performance.now();
  const logFile = logFileOf(config);
  const end = untilToldToEnd(logFile?.reopen);
  // Loads while the home is being opened: it is most of what a start takes.
  const app = import('../app.ts');
  app.catch(() => {});
  const layout = await openHome(config.home, config.packageCache);
  using _lock = await takeHome(layout, version);
  const tokenFile = await ensureToken(config.home);
  const tokens = await readTokens(config.home);
  const log = createLogger({
    level: config.logLevel,
    format: config.logFormat,
    file: logFile,
    secrets: [
      ...tokens.map(({ token }) => token),
      ...secretsOf([config.packageIndex, ...config.extraPackageIndex, ...config.findPackages]),
    ],
  });
  warnOfOpenDoors(config);
  const resolveEnvironment = createResolver(layout);
  const resolveIndex = createIndexResolver(config, createPipConfiguration(layout.adminPython));
  await ensureDefaultEnvironment({
    layout,
    resolve: resolveEnvironment,
    resolveIndex,
    log,
    clock: systemClock,
  }).catch((error) => {
    if (config.venv === defaultName) throw error;
    log.warn({ err: error }, 'there is no default environment');
  });
  const defaultEnvironment = await resolveEnvironment(config.venv).catch((error) => {
    if (error instanceof BeepError && error.reason === 'VENV_NOT_FOUND') throw noSuchVenv(config.venv);
    throw error;
  });
  const { startGateway } = await app;
  const gateway = await startGateway({
    config,
    log,
    clock: systemClock,
    layout,
    defaultEnvironment,
    resolveEnvironment,
    resolveIndex,
    tokens,
  });
  try {
    await writeGatewayFile(config.home, {
      pid: process.pid,
      startedAt: new Date().toISOString(),
      version,
      endpoints: gateway.endpoints,
      tokenFile,
    });
    printReady({ config, endpoints: gateway.endpoints, tokenFile, tookMs: performance.now() - startedAt });
    flushCompileCache();
    process.send?.({ ready: gateway.endpoints });
    process.disconnect?.();
    const signal = await end;
    log.info({ signal }, 'closing: calls under way have 5 s to end; a second signal ends at once');
  } finally {
    removeGatewayFile(config.home);
    await gateway.close();
  }
  process.exit(0);
}

function logFileOf({ logFile, logFileBytes, keptLogFiles }: Config): LogFile | undefined {
  if (logFile === '') return undefined;
  return openLogFile({ path: logFile, maxBytes: logFileBytes, keptFiles: keptLogFiles });
}

function warnOfOpenDoors(config: Config): void {
  if (config.allowPlaintextBind) {
    console.error(`WARNING: ${config.host} is served without TLS: put something that ends TLS in front of it.`);
  }
  if (config.auth === 'none') {
    console.error('WARNING: --auth none: every program and every user of this machine can run code as you.');
  }
}

/** No gateway runs that could be asked which there are, or told to make it. */
function noSuchVenv(name: string): CliFailure {
  return new CliFailure(
    `no such environment: ${JSON.stringify(name)}; start without --venv, and make it with: beep-python venv create`,
  );
}
