/** Deleting folders: out of sight by one rename, then file by file, so that nobody ever sees half of one. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type HomeLayout, trashFolder } from '../layout.ts';

/** What is being deleted. */
export interface Trash {
  /** Takes a folder out of sight; answers where it is now. */
  take(path: string): Promise<string>;
  /** Puts what was taken where it was. */
  putBack(taken: string, path: string): Promise<void>;
  /** Deletes what was taken. */
  empty(taken: string): Promise<void>;
  /** The two together, without waiting for the files; what cannot be deleted now is deleted at the next start. */
  discard(path: string): Promise<void>;
  /** Deletes what an earlier process left. */
  sweep(): Promise<void>;
  /** Waits for what is being deleted. */
  close(): Promise<void>;
}

/** The trash of a home. */
export function createTrash(layout: HomeLayout): Trash {
  const folder = trashFolder(layout);
  const emptying = new Set<Promise<void>>();
  const empty = (path: string) => rm(path, { recursive: true, force: true, maxRetries: 3 });
  const emptyLater = (path: string) => {
    const done = empty(path)
      .catch(() => {})
      .finally(() => emptying.delete(done));
    emptying.add(done);
  };
  const take = async (path: string) => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const taken = join(folder, `${basename(path)}-${randomBytes(6).toString('hex')}`);
    await rename(path, taken);
    return taken;
  };
  return {
    take,
    putBack: rename,
    empty,
    discard: async (path) => emptyLater(await take(path)),
    async sweep() {
      const names = await readdir(folder).catch(() => []);
      for (const name of names) emptyLater(join(folder, name));
    },
    close: async () => void (await Promise.all(emptying)),
  };
}
