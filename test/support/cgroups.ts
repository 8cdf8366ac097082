/** Cgroups of workers, as the kernel shows them. */
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of this process's own cgroup in a controller's hierarchy of v1, where there is one that can be written. */
export function ownCgroup(controller: string): string | undefined {
  const path = readFileSync('/proc/self/cgroup', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([, controllers]) => controllers === controller)?.[2];
  if (path === undefined) return undefined;
  const folder = join('/sys/fs/cgroup', controller, path);
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    return undefined;
  }
  return folder;
}

/** Folders in it that belong to workers with these pids. */
export function cgroupsOf(controller: string, pids: readonly number[]): string[] {
  const folder = ownCgroup(controller);
  if (folder === undefined) return [];
  return readdirSync(folder).filter((name) => pids.some((pid) => name.startsWith(`beep-python-${pid}-`)));
}
