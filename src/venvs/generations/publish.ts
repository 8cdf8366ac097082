import { randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { rename, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { generationNumber } from '../layout.ts';

/** The link to the generation in force; the path below it is what callers are told. */
export function currentLink(folder: string): string {
  return join(folder, 'current');
}

/** The generation in force; undefined where none is. One cheap call. */
export function currentGeneration(folder: string): number | undefined {
  try {
    return generationNumber(basename(readlinkSync(currentLink(folder))));
  } catch {
    return undefined;
  }
}

/** Puts a generation in force in one step: readers see the old one or the new one. */
export async function publishGeneration(folder: string, generationName: string): Promise<void> {
  const beside = join(folder, `.current-${randomBytes(6).toString('hex')}`);
  await symlink(generationName, beside);
  await rename(beside, currentLink(folder));
}
