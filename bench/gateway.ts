/** The gateway, started as its users start it, in a home of the bench's own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type GatewayFile, gatewayFilePath } from '../src/cli/gateway-file.ts';
import { root } from './places.ts';

/** A gateway that accepts calls; disposing of it ends it. */
export interface RunningGateway extends AsyncDisposable {
  readonly home: string;
  readonly pid: number;
  /** Such as `http://127.0.0.1:5678`. */
  readonly httpUrl: string;
  /** Path of the pipe's socket. */
  readonly pipe: string;
  /** Such as `127.0.0.1:50051`. */
  readonly rpcAddress: string;
  /** `Bearer ...`, for every call. */
  readonly authorization: string;
}

const startTimeoutMs = 180_000;
const endTimeoutMs = 15_000;

/** Starts it on free ports and waits until it says where. `nodeFlags` are for profiling. */
export async function startGateway(home: string, nodeFlags: readonly string[] = []): Promise<RunningGateway> {
  const file = gatewayFilePath(home);
  const flags = ['--http-port', '0', '--rpc-port', '0', '--pipe-name', `bench-${process.pid}`, '--log-level', 'warn'];
  await rm(file, { force: true });
  const child = spawn(process.execPath, [...nodeFlags, join(root, 'scripts', 'enter.js'), 'start', ...flags], {
    env: { ...process.env, BEEP_PYTHON_HOME: home, BEEP_PYTHON_PACKAGE_CACHE: join(root, '.cache', 'uv') },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  const end = async () => {
    child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), endTimeoutMs);
    await exited;
    clearTimeout(kill);
  };
  try {
    const { endpoints, tokenFile } = await whenReady(file, child.pid as number, exited);
    const token = (await readFile(tokenFile, 'utf8')).trim();
    return {
      home,
      pid: child.pid as number,
      httpUrl: endpoints.http as string,
      pipe: endpoints.pipe as string,
      rpcAddress: new URL(endpoints.rpc as string).host,
      authorization: `Bearer ${token}`,
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

async function whenReady(file: string, pid: number, exited: Promise<unknown>): Promise<GatewayFile> {
  let hasExited = false;
  exited.then(() => {
    hasExited = true;
  });
  const giveUpAt = performance.now() + startTimeoutMs;
  while (!hasExited && performance.now() < giveUpAt) {
    const content = await readFile(file, 'utf8').catch(() => undefined);
    const said = content === undefined ? undefined : (JSON.parse(content) as GatewayFile);
    if (said?.pid === pid) return said;
    await sleep(50);
  }
  throw new Error(hasExited ? 'the gateway ended instead of starting' : `no gateway after ${startTimeoutMs} ms`);
}
