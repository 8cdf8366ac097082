/** An environment that is not ours, as its own files describe it. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { installedPins } from './installed.ts';

/** What its files say. */
export interface ExternalEnvironment {
  readonly path: string;
  readonly pythonPath: string;
  /** Empty where no file says it. */
  readonly version: string;
  readonly implementation: string;
  /** The interpreter that it was made from; empty where no file says it. */
  readonly basePath: string;
  readonly packageCount: number;
  readonly createdAt: Date;
}

/** Reads them; the path has been resolved to an environment before. */
export async function readExternal(path: string): Promise<ExternalEnvironment> {
  const text = await readFile(join(path, 'pyvenv.cfg'), 'utf8').catch(() => '');
  const values = new Map(
    text.split('\n').flatMap((line) => {
      const [, key, value] = /^\s*([A-Za-z_-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      return key === undefined ? [] : [[key.toLowerCase(), value as string]];
    }),
  );
  const [version = ''] = /^\d+\.\d+\.\d+\w*/.exec(values.get('version') ?? values.get('version_info') ?? '') ?? [];
  const home = values.get('home');
  return {
    path,
    pythonPath: join(path, 'bin', 'python'),
    version,
    implementation: values.get('implementation')?.toLowerCase() ?? '',
    basePath: values.get('executable') ?? (home === undefined ? '' : join(home, 'python3')),
    packageCount: (await installedPins(path)).length,
    createdAt: (await stat(path)).birthtime,
  };
}
