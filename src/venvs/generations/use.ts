/** When environments were last used: the time of a file beside their generations. */
import { statSync } from 'node:fs';
import { open, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { environmentFolder, type HomeLayout } from '../layout.ts';

/** Who was used when. */
export interface Uses {
  /** A session was opened in it. Written at most once a minute, and nobody waits for that. */
  note(name: string): void;
  /** Milliseconds since 1970; undefined: never. */
  lastUse(name: string): number | undefined;
}

const everyMs = 60_000;

/** The uses of a home's environments. */
export function createUses(layout: HomeLayout, now: () => number): Uses {
  const noted = new Map<string, number>();
  const pathOf = (name: string) => join(environmentFolder(layout, name), 'used');
  return {
    note(name) {
      const at = now();
      if (at - (noted.get(name) ?? 0) < everyMs) return;
      noted.set(name, at);
      touch(pathOf(name), at).catch(() => {}); // it is gone, or its disk is full: nobody is harmed
    },
    lastUse(name) {
      return statSync(pathOf(name), { throwIfNoEntry: false })?.mtimeMs;
    },
  };
}

async function touch(path: string, at: number): Promise<void> {
  const file = await open(path, 'a', 0o600);
  await file.close();
  await utimes(path, at / 1000, at / 1000);
}
