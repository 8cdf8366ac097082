/** The log as a file: a new one when it has grown, or when somebody has moved it away. */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** A file that lines are appended to. */
export interface LogFile {
  write(text: string): void;
  /** Goes on in a new file where the old one was moved away. */
  reopen(): void;
}

/** How it is kept. */
export interface LogFileOptions {
  readonly path: string;
  /** Larger than this it becomes `<path>.1`, and what was that `<path>.2`. */
  readonly maxBytes: number;
  /** So many old ones are kept. */
  readonly keptFiles: number;
}

/** Opens it, and makes its folder. */
export function openLogFile({ path, maxBytes, keptFiles }: LogFileOptions): LogFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const open = () => openSync(path, 'a', 0o600);
  let file = open();
  let bytes = fstatSync(file).size;
  const reopen = () => {
    const before = file;
    file = open();
    closeSync(before);
    bytes = fstatSync(file).size;
  };
  const rotate = () => {
    for (let number = keptFiles; number >= 1; number--) {
      moveIfThere(number === 1 ? path : `${path}.${number - 1}`, `${path}.${number}`);
    }
    reopen();
  };
  return {
    write(text) {
      // What cannot be written, on a disk that is full, must not end the gateway.
      try {
        if (bytes > 0 && bytes + text.length > maxBytes) rotate();
        bytes += writeSync(file, text);
      } catch {}
    },
    reopen,
  };
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
