/** A disk with so little room that it is soon full. */
import { execFileSync } from 'node:child_process';
import { statfsSync } from 'node:fs';

/** A folder of its own, in memory, while it is not disposed of. */
export interface SmallDisk extends Disposable {
  freeBytes(): number;
}

/** Whether this user may mount one. */
export const canMount = process.getuid?.() === 0 && runs('unshare', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt');

/** Mounts one over a folder; `size` is such as `2m`. */
export function mountSmallDisk(folder: string, size: string): SmallDisk {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  return {
    freeBytes() {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    },
    [Symbol.dispose]: () => void execFileSync('umount', [folder]),
  };
}

function runs(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
