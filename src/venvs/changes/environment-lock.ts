/** The lock of one environment: whoever changes it holds it, and says in it what for. */
import { existsSync, rmSync } from 'node:fs';
import { environmentFolder, type HomeLayout, lockPath } from '../layout.ts';
import type { OnProgress } from './changes.ts';
import { type Lock, readLockFile, tryLock, waitForLock, writeLockFile } from './lock.ts';

/** Which environment, and what for. */
export interface EnvironmentLockOptions {
  readonly layout: HomeLayout;
  readonly name: string;
  /** Such as `install pandas`. */
  readonly summary: string;
}

/** Takes the lock if it is free; else answers what its holder does. */
export async function lockEnvironmentNow({ layout, name, summary }: EnvironmentLockOptions): Promise<Lock | string> {
  const path = lockPath(layout, name);
  const lock = await tryLock(path, layout.adminPython);
  if (lock === undefined) return readLockFile(path) || 'another process changes it';
  return signed(lock, { layout, name, summary });
}

/** What is being done to an environment by whoever has its lock; undefined where nobody has. */
export async function changeUnderWay(layout: HomeLayout, name: string): Promise<string | undefined> {
  const path = lockPath(layout, name);
  if (!existsSync(path)) return undefined;
  const lock = await tryLock(path, layout.adminPython);
  lock?.release();
  return lock === undefined ? readLockFile(path) || 'another process changes it' : undefined;
}

/** Takes the lock, waiting for whoever has it, and says for whom. Throws the signal's reason. */
export async function lockEnvironment(
  options: EnvironmentLockOptions,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<Lock> {
  const { layout, name } = options;
  const now = await lockEnvironmentNow(options);
  if (typeof now !== 'string') return now;
  onProgress({ phase: 'wait', message: `waits for: ${now}` });
  const lock = await waitForLock(lockPath(layout, name), layout.adminPython, signal).catch((error) => {
    throw signal.aborted ? signal.reason : error;
  });
  return signed(lock, options);
}

/** Its file goes with it where there is no environment, so that names which were refused leave nothing. */
function signed(lock: Lock, { layout, name, summary }: EnvironmentLockOptions): Lock {
  writeLockFile(lock, `${summary} (process ${process.pid})`);
  const release = () => {
    if (!existsSync(environmentFolder(layout, name))) rmSync(lockPath(layout, name), { force: true });
    lock.release();
  };
  return { fd: lock.fd, release, [Symbol.dispose]: release };
}
