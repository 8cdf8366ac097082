/** What changes that were killed have left: found by its name, removed when nobody can be making it. */
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EnvironmentRecord } from '../generations/record.ts';
import { isRestorable, restoreLink } from '../generations/restore-link.ts';
import { readState } from '../generations/state.ts';
import { environmentFolder, generationNumber, type HomeLayout } from '../layout.ts';
import { lockEnvironmentNow } from './environment-lock.ts';

/** Removes it from the folder of an environment whose lock is held. */
export async function sweepEnvironment(
  layout: HomeLayout,
  name: string,
  record: EnvironmentRecord | undefined,
): Promise<void> {
  const folder = environmentFolder(layout, name);
  for (const leftover of leftoversIn(await readdir(folder).catch(() => []), record)) {
    await rm(join(folder, leftover), { recursive: true, force: true });
  }
}

/** The same where nobody changes the environment just now; tells whether there was something. */
export async function sweepUnused(layout: HomeLayout, name: string): Promise<boolean> {
  if (!(await hasLeftovers(layout, name))) return false;
  const lock = await lockEnvironmentNow({ layout, name, summary: 'remove what was left' });
  if (typeof lock === 'string') return false;
  using _held = lock;
  if (!(await hasLeftovers(layout, name))) return false;
  const state = await restoreLink(layout, await readState(layout, name));
  if (state?.record === undefined) await rm(environmentFolder(layout, name), { recursive: true, force: true });
  else await sweepEnvironment(layout, name, state.record);
  return true;
}

/** Removes files of locks that nobody holds and whose environment is not there. */
export async function sweepLocks(layout: HomeLayout): Promise<void> {
  for (const file of await readdir(layout.envs).catch(() => [])) {
    const name = file.replace(/\.lock$/, '');
    if (name === file || existsSync(environmentFolder(layout, name))) continue;
    const lock = await lockEnvironmentNow({ layout, name, summary: 'remove what was left' });
    if (typeof lock !== 'string') lock.release();
  }
}

/** What is damaged is left alone: somebody may want to repair it. */
async function hasLeftovers(layout: HomeLayout, name: string): Promise<boolean> {
  const state = await readState(layout, name);
  if (state === undefined || state.problem?.kind === 'record') return false;
  if (isRestorable(state)) return true;
  const wasNeverThere = state.record === undefined && state.generation === undefined;
  return wasNeverThere || leftoversIn(await readdir(state.folder), state.record).length > 0;
}

/** Of the names in an environment's folder those that nothing will ever be made of. */
function leftoversIn(names: readonly string[], record: EnvironmentRecord | undefined): string[] {
  const known = new Set(record?.history.map(({ generation }) => generation));
  return names.filter((name) => {
    const generation = generationNumber(name);
    if (generation !== undefined) return !known.has(generation);
    return /^\.(current-|scratch-|environment\.json\.)/.test(name);
  });
}
