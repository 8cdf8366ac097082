/** An environment that is not ours, as its own files describe it. */
import { realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { EnvironmentInForce } from '../environment-in-force.ts';
import { installedPins } from './pins.ts';
import { findSitePackages, readConfiguration } from './site-packages.ts';

/** What its files say. */
export interface ExternalEnvironment {
  readonly path: string;
  readonly pythonPath: string;
  readonly version: string;
  readonly implementation: string;
  /** The interpreter that it was made from, with every link followed; its own where it was made from none. */
  readonly basePath: string;
  readonly packageCount: number;
  readonly createdAt: Date;
}

/** Reads them; throws VENV_BROKEN where it has no folder of packages. */
export async function readExternal(environment: EnvironmentInForce): Promise<ExternalEnvironment> {
  const { path, pythonPath } = environment;
  const { pythonVersion, implementation } = findSitePackages(environment);
  return {
    path,
    pythonPath,
    version: pythonVersion,
    implementation,
    basePath: basePathOf(path, pythonPath),
    packageCount: (await installedPins(path)).length,
    createdAt: createdAt(path),
  };
}

/** Where the links lead; an environment whose interpreter is a copy says in its configuration what it is a copy of. */
function basePathOf(path: string, pythonPath: string): string {
  const real = realPath(pythonPath) ?? pythonPath;
  if (!real.startsWith(`${realPath(path)}${sep}`)) return real;
  const configuration = readConfiguration(path);
  const home = configuration.get('home');
  const named = [configuration.get('executable'), configuration.get('base-executable'), home && join(home, 'python3')];
  return named.map((one) => one && realPath(one)).find((one) => one !== undefined) || real;
}

/** Its configuration is written once; not every file system knows when a folder was made. */
function createdAt(path: string): Date {
  const { birthtime, birthtimeMs, mtime } = statSync(path);
  const configuration = statSync(join(path, 'pyvenv.cfg'), { throwIfNoEntry: false });
  return configuration?.mtime ?? (birthtimeMs > 0 ? birthtime : mtime);
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
