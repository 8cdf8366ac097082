/** Files that are read by others while they are written. */
import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Writes a file in one step: who reads it finds the old one or the new one, after a crash too where it is flushed. Only
 * our user can read it. What a process that is killed leaves beside it begins with a dot and the file's name.
 */
export async function replaceFile(path: string, text: string, { flush = true } = {}): Promise<void> {
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(beside, text, { mode: 0o600, flag: 'wx', flush });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => {});
    throw error;
  }
}
