/** Where the pipe of a name is: the paths at which the original's clients and servers looked for it. */
import { accessSync, constants } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/** The longest that a Unix socket's path may be, on every system. */
const maxSocketPathBytes = 103;

/** Thrown where a path cannot be taken. */
export class PathTaken extends Error {
  override readonly name = 'PathTaken';
}

/**
 * Paths to listen at. .NET's clients look for the first, in the folder that it takes for temporary ones; whoever called
 * the original's server used the second, whatever that folder was. Throws PathTaken for one that no socket can have.
 */
export function pipePaths(name: string): string[] {
  if (process.platform === 'win32') return [name.startsWith('\\\\.\\pipe\\') ? name : `\\\\.\\pipe\\${name}`];
  const paths = isAbsolute(name) ? [name] : [join(process.env.TMPDIR || '/tmp', `CoreFxPipe_${name}`)];
  if (!isAbsolute(name) && isWritable('/tmp')) paths.push(`/tmp/${name}.sock`);
  for (const path of paths) {
    const bytes = Buffer.byteLength(path);
    if (bytes > maxSocketPathBytes) {
      throw new PathTaken(
        `the pipe's path is too long: ${bytes} bytes, at most ${maxSocketPathBytes}; give a shorter --pipe-name`,
      );
    }
  }
  return paths;
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
