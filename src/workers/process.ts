/** One worker process: a keeper that leaves nothing behind, and the Python gRPC server below it. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { errors } from '../errors.ts';
import type { Logger } from '../log.ts';

/** What a worker is started with. */
export interface WorkerProcessOptions {
  /** Interpreter of the admin environment. */
  readonly python: string;
  /** The folder that holds `beep_worker`. */
  readonly pythonFolder: string;
  /** Where its socket goes; only this user may look into it. */
  readonly socketFolder: string;
  /** Its sessions have their folders in one of its name in this one; what it starts is known by it. */
  readonly sessionsFolder: string;
  readonly id: string;
  readonly maxSessions: number;
  readonly maxQueuedItems: number;
  readonly maxMessageBytes: number;
  readonly maxOutputBytes: number;
  readonly interruptGraceMs: number;
  /** Where it keeps events that are too many for memory, in a folder of its own. */
  readonly logFolder: string;
  readonly maxKeptLogBytes: number;
  readonly log: Logger;
}

/** A worker that is up. */
export interface WorkerProcess {
  readonly id: string;
  /** Of the worker, not of its keeper. */
  readonly pid: number;
  /** gRPC target, such as `unix:/path`. */
  readonly address: string;
  /** What every call to it must carry. */
  readonly token: string;
  /** Resolves with the reason when it has gone, for whatever cause. Never rejects. */
  readonly exited: Promise<string>;
  /** Ends it and everything below it; resolves when all has gone. */
  close(): Promise<void>;
}

const startTimeoutMs = 30_000;
const closeTimeoutMs = 5_000;

const startKeeper =
  'import sys; sys.path.insert(0, sys.argv[1]); from beep_worker.keeper import main; sys.exit(main())';

/** Starts a worker and waits until it accepts calls. Throws START_FAILED, also when the signal says that it is not wanted. */
export async function startWorkerProcess(options: WorkerProcessOptions, signal: AbortSignal): Promise<WorkerProcess> {
  const token = randomBytes(32).toString('base64url');
  const socket = join(options.socketFolder, `${options.id}.sock`);
  const logs = join(options.logFolder, options.id);
  const keeper = execa(options.python, ['-I', '-c', startKeeper, options.pythonFolder], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    env: { TMPDIR: options.sessionsFolder },
    // A Ctrl-C in the gateway's terminal is for the gateway alone.
    detached: true,
    cleanup: false,
  });
  const log = options.log.child({ worker: options.id });
  createInterface({ input: keeper.stderr }).on('line', (line) => log.warn({ line }, 'worker says'));
  const exited = keeper.then((result) => {
    for (const path of [socket, `${socket}.lane`, `${socket}.bulk`]) rmSync(path, { force: true });
    return endOf(result);
  });
  const folders = [logs, join(options.sessionsFolder, options.id)];
  const cleared = exited.then(() =>
    Promise.allSettled(folders.map((path) => rm(path, { recursive: true, force: true }))),
  );

  // The lifeline: it stays open for as long as this process lives, and its end is the end of everything below.
  keeper.stdin.on('error', () => {});
  keeper.stdin.write(
    `${JSON.stringify({
      socket,
      token,
      worker_id: options.id,
      max_sessions: options.maxSessions,
      max_queued_items: options.maxQueuedItems,
      max_message_bytes: options.maxMessageBytes,
      max_output_bytes: options.maxOutputBytes,
      interrupt_grace_ms: options.interruptGraceMs,
      log_folder: logs,
      max_kept_log_bytes: options.maxKeptLogBytes,
    })}\n`,
  );

  const close = async () => {
    keeper.stdin.end();
    const timer = setTimeout(() => keeper.kill('SIGKILL'), closeTimeoutMs);
    await exited;
    clearTimeout(timer);
    await cleared;
  };
  const stop = () => keeper.stdin.end();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    const pid = await readyPid(createInterface({ input: keeper.stdout }), exited);
    return { id: options.id, pid, address: `unix:${socket}`, token, exited, close };
  } catch (error) {
    await close();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

// An exit code beyond it is a signal's number: the keeper ends as its worker did.
const killedBy = 128;

function endOf({ exitCode, signal }: { exitCode?: number; signal?: string }): string {
  if (signal !== undefined) return `it was killed by ${signal}`;
  if (exitCode === undefined) return 'it did not start';
  const name = Object.entries(constants.signals).find(([, number]) => number === exitCode - killedBy)?.[0];
  return name === undefined ? `it ended with exit code ${exitCode}` : `it was killed by ${name}`;
}

/** Waits for the one line that a worker prints when it accepts calls. */
async function readyPid(lines: ReturnType<typeof createInterface>, exited: Promise<string>): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const line = await Promise.race([
      new Promise<string>((resolve) => lines.once('line', resolve)),
      exited.then((why) => Promise.reject(errors.startFailed('a worker', why))),
      new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(errors.startFailed('a worker', `it was not ready after ${startTimeoutMs} ms`)),
          startTimeoutMs,
        );
      }),
    ]);
    const { pid } = JSON.parse(line) as { pid: number };
    return pid;
  } finally {
    clearTimeout(timer);
  }
}
