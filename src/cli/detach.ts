/** `start --detach`: the same command again, in the background, with this one waiting until it is ready. */
import { spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compileCacheEnvironment } from '../compile-cache.ts';
import type { Config } from '../config.ts';
import { tokenFilePath } from '../tokens.ts';
import { CliFailure } from './failure.ts';
import type { Endpoints } from './gateway-file.ts';
import { readyText } from './ready-message.ts';

/** Starts the gateway in the background and prints where it is; fails with what it said if it did not come up. */
export async function startInBackground(config: Config, args: readonly string[]): Promise<void> {
  const logPath = config.logFile || join(config.home, 'logs', 'gateway.log');
  mkdirSync(dirname(logPath), { recursive: true, mode: 0o700 });
  const log = openSync(logPath, 'a', 0o600);
  const saidBefore = fstatSync(log).size;
  const child = spawn(process.execPath, [process.argv[1] as string, ...args.filter((arg) => arg !== '--detach')], {
    detached: true,
    // It is no longer npm's: it does not end with it.
    env: { ...process.env, ...compileCacheEnvironment, npm_lifecycle_event: undefined, BEEP_PYTHON_LOG_FILE: logPath },
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const endpoints = await new Promise<Endpoints | undefined>((resolve) => {
    child.once('message', (message: { ready: Endpoints }) => resolve(message.ready));
    child.once('exit', () => resolve(undefined));
    child.once('error', () => resolve(undefined));
  });
  if (endpoints === undefined) {
    const said = readFileSync(logPath).subarray(saidBefore).toString('utf8').trimEnd();
    throw new CliFailure(`the gateway did not start:\n${said}`, child.exitCode || 1);
  }
  if (child.connected) child.disconnect();
  child.unref();
  const text = readyText({ config, endpoints, tokenFile: tokenFilePath(config.home) });
  process.stdout.write(`${text}\nIt runs in the background as process ${child.pid}; its log is ${logPath}.\n`);
}
