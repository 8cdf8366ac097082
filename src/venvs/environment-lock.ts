/** The lock of one environment: whoever changes it holds it, and says in it what for. */
import type { OnProgress } from './changes.ts';
import { type HomeLayout, lockPath } from './layout.ts';
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
  return signed(lock, summary);
}

/** Takes the lock, waiting for whoever has it, and says for whom. Throws the signal's reason. */
export async function lockEnvironment(
  options: EnvironmentLockOptions,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<Lock> {
  const { layout, name, summary } = options;
  const now = await lockEnvironmentNow(options);
  if (typeof now !== 'string') return now;
  onProgress({ phase: 'wait', message: `waits for: ${now}` });
  const lock = await waitForLock(lockPath(layout, name), layout.adminPython, signal).catch((error) => {
    throw signal.aborted ? signal.reason : error;
  });
  return signed(lock, summary);
}

function signed(lock: Lock, summary: string): Lock {
  writeLockFile(lock, `${summary} (process ${process.pid})`);
  return lock;
}
