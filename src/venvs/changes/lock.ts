/** Locks held by the kernel: free again the moment that their holder is gone, however it went. */
import { spawn } from 'node:child_process';
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A lock that this process holds. */
export interface Lock extends Disposable {
  /** The open lock file: whoever inherits it holds the lock too. */
  readonly fd: number;
  release(): void;
}

/** Takes the lock of a path if it is free; undefined if somebody has it. */
export async function tryLock(path: string, python: string): Promise<Lock | undefined> {
  return await lockFile(path, python, false);
}

/** Takes the lock of a path, waiting for whoever has it. */
export async function waitForLock(path: string, python: string, signal?: AbortSignal): Promise<Lock> {
  const lock = await lockFile(path, python, true, signal);
  if (lock === undefined) throw new Error(`cannot lock ${path}`);
  return lock;
}

/** Writes who holds a lock, and for what, for those who wait. */
export function writeLockFile({ fd }: Lock, text: string): void {
  ftruncateSync(fd);
  writeSync(fd, `${text}\n`);
}

/** What the holder wrote into its lock file. */
export function readLockFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

const busyExitCode = 75;

// Node cannot call flock, but a lock belongs to the open file and not to the process that asked for it: a short-lived
// process takes it on the descriptor that it inherits, and it stays until the last process that has the file open is gone.
// Our own descriptor is closed in every other child, so that none of them keeps the lock when we die.
async function lockFile(path: string, python: string, waits: boolean, signal?: AbortSignal): Promise<Lock | undefined> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const fd = openSync(path, 'a+', 0o600);
  const code = await askForLock(fd, python, waits, signal).catch((error) => {
    closeSync(fd);
    throw error;
  });
  if (code !== 0) {
    closeSync(fd);
    if (code === busyExitCode) return undefined;
    signal?.throwIfAborted();
    throw new Error(`cannot lock ${path}: what should take it ended with ${code}`);
  }
  // Whoever had it may have removed it: then the next one locks another file, and this lock means nothing.
  if (!isSameFile(fd, path)) {
    closeSync(fd);
    return await lockFile(path, python, waits, signal);
  }
  let isHeld = true;
  const release = () => {
    if (isHeld) closeSync(fd);
    isHeld = false;
  };
  return { fd, release, [Symbol.dispose]: release };
}

function isSameFile(fd: number, path: string): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  const ours = fstatSync(fd);
  return now?.ino === ours.ino && now.dev === ours.dev;
}

/** By the system's own program where there is one, which takes a tenth of the time; else by Python. */
async function askForLock(fd: number, python: string, waits: boolean, signal?: AbortSignal): Promise<number | null> {
  if (!hasNoFlock) {
    const code = await ended('flock', ['-x', ...(waits ? [] : ['-n']), '3'], fd, signal).catch((error) => {
      if (error.code !== 'ENOENT') throw error;
      hasNoFlock = true;
    });
    if (code !== undefined) return code === 1 && !waits ? busyExitCode : code;
  }
  const program = `
import fcntl, sys
try:
    fcntl.flock(3, fcntl.LOCK_EX${waits ? '' : ' | fcntl.LOCK_NB'})
except BlockingIOError:
    sys.exit(${busyExitCode})
`;
  return await ended(python, ['-I', '-S', '-c', program], fd, signal);
}

let hasNoFlock = false;

/** Runs a program with the lock file as its descriptor 3; its exit code. */
async function ended(
  program: string,
  args: readonly string[],
  fd: number,
  signal?: AbortSignal,
): Promise<number | null> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit', fd], signal });
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode) => resolve(exitCode));
  });
}
