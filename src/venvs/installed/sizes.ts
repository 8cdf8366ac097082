/** How much room folders take, told apart by what is linked from elsewhere too. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes on disk. */
export interface Sizes {
  /** Of files that have no link outside these folders: free when they are deleted. */
  readonly exclusiveBytes: number;
  /** Of files that have: the package cache and other environments use them too. */
  readonly sharedBytes: number;
}

// As many folders are read at once; more would only wait for the same disk.
const atOnce = 16;

/** Measures folders together. What goes meanwhile does not count. Shared blocks of reflinks cannot be told from others. */
export async function measureFolders(folders: readonly string[]): Promise<Sizes> {
  const files = new Map<bigint, { bytes: number; links: number; seen: number }>();
  let exclusiveBytes = 0;
  const waiting = [...folders];
  const measure = async (folder: string) => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) waiting.push(path);
      const stats = await lstat(path, { bigint: true }).catch(() => undefined);
      if (stats === undefined) continue;
      const bytes = Number(stats.blocks) * 512;
      if (entry.isDirectory() || stats.nlink === 1n) {
        exclusiveBytes += bytes;
        continue;
      }
      const known = files.get(stats.ino);
      if (known === undefined) files.set(stats.ino, { bytes, links: Number(stats.nlink), seen: 1 });
      else known.seen++;
    }
  };
  while (waiting.length > 0) await Promise.all(waiting.splice(0, atOnce).map(measure));
  let sharedBytes = 0;
  for (const { bytes, links, seen } of files.values()) {
    if (seen >= links) exclusiveBytes += bytes;
    else sharedBytes += bytes;
  }
  return { exclusiveBytes, sharedBytes };
}
