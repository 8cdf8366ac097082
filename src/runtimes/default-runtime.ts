/** Which runtime was chosen for environments that name no Python: one small file in the home. */
import { readFile, rm } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { replaceFile } from '../replace-file.ts';

/** A runtime that was chosen. */
export interface ChosenRuntime {
  readonly id: string;
  readonly path: string;
}

/** The choice, as it is kept. */
export interface DefaultRuntime {
  /** Undefined where nothing was chosen. Throws for a file that is damaged: it is never taken for none. */
  read(): Promise<ChosenRuntime | undefined>;
  /** In one step: after a crash it is the old one or the new one. */
  write(runtime: ChosenRuntime | undefined): Promise<void>;
}

/** Name of the file in the home. */
export const defaultRuntimeFile = 'default-runtime.json';

/** The choice of a home. */
export function createDefaultRuntime(home: string): DefaultRuntime {
  const path = join(home, defaultRuntimeFile);
  return {
    async read() {
      const text = await readFile(path, 'utf8').catch((error) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      return text === undefined ? undefined : parse(text);
    },
    async write(runtime) {
      if (runtime === undefined) return await rm(path, { force: true });
      const { id, path: chosen } = runtime;
      await replaceFile(path, `${JSON.stringify({ format: 1, id, path: chosen }, undefined, 2)}\n`);
    },
  };
}

function parse(text: string): ChosenRuntime {
  try {
    const { format, id, path } = JSON.parse(text);
    if (format === 1 && typeof id === 'string' && typeof path === 'string' && isAbsolute(path)) return { id, path };
  } catch {
    // told below
  }
  throw new Error(`${defaultRuntimeFile} is damaged`);
}
