/** Where environments lie under the home folder. */
import { join } from 'node:path';

/** Name of the default environment. */
export const defaultName = 'default';

/** Name under which the gateway's own environment is told. */
export const adminName = 'admin';

/** The paths of a home. */
export interface HomeLayout {
  readonly home: string;
  /** Where the admin environment really is. */
  readonly adminFolder: string;
  /** Its interpreter and its uv. */
  readonly adminPython: string;
  readonly uv: string;
  readonly envs: string;
  readonly runtimes: string;
  readonly packageCache: string;
  /** An empty folder: uv reads project files from where it stands upwards. */
  readonly emptyFolder: string;
}

/** The layout of a home; `adminFolder` is where the admin environment really is, behind its link. */
export function homeLayout(home: string, adminFolder: string, packageCache: string): HomeLayout {
  return {
    home,
    adminFolder,
    adminPython: join(adminFolder, 'bin', 'python'),
    uv: join(adminFolder, 'bin', 'uv'),
    envs: join(home, 'envs'),
    runtimes: join(home, 'runtimes'),
    packageCache,
    emptyFolder: join(home, 'run', 'empty'),
  };
}

/** The folder of an environment, the same for ever. */
export function environmentFolder(layout: HomeLayout, name: string): string {
  return join(layout.envs, name);
}

/** The folder of one generation; it never changes once it is in force. */
export function generationFolder(layout: HomeLayout, name: string, generation: number): string {
  return join(layout.envs, name, generationName(generation));
}

/** The interpreter in the folder of a generation, or of another environment. */
export function pythonIn(folder: string): string {
  return join(folder, 'bin', 'python');
}

/** The number in the name of a generation's folder; undefined for another folder. */
export function generationNumber(folderName: string): number | undefined {
  const digits = /^gen-([0-9]{4,9})$/.exec(folderName)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The name of a generation's folder. */
export function generationName(generation: number): string {
  return `gen-${String(generation).padStart(4, '0')}`;
}

/** The file whose lock is held by whoever changes an environment; beside its folder, since that may come and go. */
export function lockPath(layout: HomeLayout, name: string): string {
  return join(layout.envs, `${name}.lock`);
}

/** Where folders go that are to be deleted: one rename and they are out of sight. No environment's name begins with a dot. */
export function trashFolder(layout: HomeLayout): string {
  return join(layout.envs, '.trash');
}
