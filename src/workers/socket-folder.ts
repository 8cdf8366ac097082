/** Where workers have their sockets: in the run folder, unless its path is too long for a socket's. */
import { mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** A folder that only this user may look into. */
export interface SocketFolder {
  readonly path: string;
  /** Removes what was made for it. */
  remove(): void;
}

// Of the 108 of a socket's path on Linux, and 104 elsewhere.
const maxPathBytes = 100;
const namePattern = /^w\d+(-\d+)?\.sock(\.\w+)?$/;
const elsewherePrefix = 'beep-python-';

/** Opens it, without the sockets of an earlier gateway that could not clear them away itself. */
export function openSocketFolder(run: string): SocketFolder {
  // Where the folder is elsewhere, this link says where: nothing else would know it after a kill.
  const link = join(run, 'sockets');
  const remove = () => {
    const target = readLink(link);
    if (target !== undefined && dirname(target) === tmpdir() && basename(target).startsWith(elsewherePrefix)) {
      rmSync(target, { recursive: true, force: true });
    }
    rmSync(link, { force: true });
  };
  remove();
  for (const name of readdirSync(run)) if (namePattern.test(name)) rmSync(join(run, name), { force: true });
  if (Buffer.byteLength(join(run, 'w64-10000.sock')) <= maxPathBytes) return { path: run, remove };
  const path = mkdtempSync(join(tmpdir(), elsewherePrefix)); // made with mode 0700
  symlinkSync(path, link);
  return { path, remove };
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
