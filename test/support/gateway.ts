/**
 * A gateway of one test's own: the real process, on free ports, with a home that shares the admin environment and the
 * default environment with all other tests. When it is stopped nothing of it may be left, or the test fails.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createTestHome, root, type TestHome } from '../integration/setup/test-home.ts';
import { type ProcessIdentity, processesBelow, stillRunning } from './processes.ts';

/** What a test may want to be different. */
export interface TestGatewayOptions {
  /** Flags of `start`, such as `--max-message-bytes`. */
  readonly flags?: readonly string[];
  /** Names of further tokens, each a principal of its own. */
  readonly tokens?: readonly string[];
  /** A home that exists already, such as that of a gateway that was killed; whoever made it removes it. */
  readonly home?: string;
  /** Further variables of its environment; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What its JavaScript heap may hold: with little room, what has been let go is collected soon and not some day. */
  readonly maxHeapMebibytes?: number;
}

/** A gateway that accepts calls. */
export interface TestGateway extends AsyncDisposable {
  readonly home: string;
  /** URL of the HTTP listener. */
  readonly http: string;
  /** URL of the RPC listener. */
  readonly rpc: string;
  /** Path of the pipe's socket. */
  readonly pipe: string;
  readonly pid: number;
  /** A token by its name; the first one is `default`. */
  token(name?: string): string;
  /** What it has written to stderr. */
  log(): string;
  /** Ends it as a Ctrl-C does. Fails when it ends badly, or when a process of its own outlives it. */
  stop(): Promise<void>;
  /** SIGKILL. Answers with what was below it at that moment. */
  kill(): Promise<ProcessIdentity[]>;
}

/** Starts a gateway; resolves when it accepts calls. */
export async function startGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const made = options.home === undefined ? await createSharedHome() : undefined;
  const home = options.home ?? (made?.home as string);
  for (const name of options.tokens ?? []) writeToken(home, name);
  const free = ['--http-port', '0', '--rpc-port', '0', '--pipe-name', `beep-test-${randomBytes(8).toString('hex')}`];
  const flags = [...free, '--log-level', 'warn', ...(options.flags ?? [])];
  const { maxHeapMebibytes } = options;
  const heap = maxHeapMebibytes !== undefined && { NODE_OPTIONS: `--max-old-space-size=${maxHeapMebibytes}` };
  const child = spawn(process.execPath, [join(root, 'src', 'main.ts'), 'start', ...flags], {
    env: { ...process.env, BEEP_PYTHON_HOME: home, npm_lifecycle_event: undefined, ...heap, ...options.env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  const endpoints = await ready(child, exited, () => said).catch(async (error) => {
    await made?.[Symbol.asyncDispose]();
    throw error;
  });
  const pid = child.pid as number;
  let ending: Promise<void> | undefined;

  const stop = async () => {
    const below = processesBelow(pid);
    child.kill('SIGINT');
    const { code, signal } = await exited;
    const left = stillRunning(below);
    await made?.[Symbol.asyncDispose]();
    if (code !== 0) throw new Error(`the gateway ended with ${code ?? signal}: ${said}`);
    if (left.length > 0) throw new Error(`outlived the gateway: ${JSON.stringify(left)}`);
  };
  const kill = async () => {
    const below = processesBelow(pid);
    child.kill('SIGKILL');
    await exited;
    ending ??= Promise.resolve(made?.[Symbol.asyncDispose]());
    return below;
  };
  const end = () => {
    ending ??= stop();
    return ending;
  };
  return {
    home,
    http: endpoints.http,
    rpc: endpoints.rpc,
    pipe: endpoints.pipe,
    pid,
    token: (name = 'default') => readFileSync(tokenPath(home, name), 'utf8').trim(),
    log: () => said,
    kill,
    stop: end,
    [Symbol.asyncDispose]: end,
  };
}

async function ready(child: ChildProcess, exited: Promise<unknown>, said: () => string) {
  const message = once(child, 'message').then(([{ ready }]) => ready as { http: string; rpc: string; pipe: string });
  const failed = exited.then(() => Promise.reject(new Error(`the gateway did not start: ${said()}`)));
  failed.catch(() => {}); // it ends some day
  return await Promise.race([message, failed]);
}

/** A home with the default environment that every test uses; whoever comes first makes it. */
export async function createSharedHome(): Promise<TestHome> {
  const made = await createTestHome();
  const envs = join(process.env.BEEP_PYTHON_HOME as string, 'envs');
  mkdirSync(envs, { recursive: true, mode: 0o700 });
  symlinkSync(envs, join(made.home, 'envs'));
  return made;
}

function writeToken(home: string, name: string): void {
  const path = tokenPath(home, name);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, randomBytes(32).toString('base64url'), { mode: 0o600 });
}

function tokenPath(home: string, name: string): string {
  return name === 'default' ? join(home, 'token') : join(home, 'tokens', name);
}
