/** An environment that is not ours, as its own files describe it. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { EnvironmentInForce } from './environment-in-force.ts';
import { installedPins } from './installed.ts';
import { findSitePackages, readConfiguration } from './site-packages.ts';

/** What its files say. */
export interface ExternalEnvironment {
  readonly path: string;
  readonly pythonPath: string;
  readonly version: string;
  readonly implementation: string;
  /** The interpreter that it was made from; empty where no file says it. */
  readonly basePath: string;
  readonly packageCount: number;
  readonly createdAt: Date;
}

/** Reads them; throws VENV_BROKEN where it has no folder of packages. */
export async function readExternal(environment: EnvironmentInForce): Promise<ExternalEnvironment> {
  const { path, pythonPath } = environment;
  const { pythonVersion, implementation } = findSitePackages(environment);
  const configuration = readConfiguration(path);
  const home = configuration.get('home');
  return {
    path,
    pythonPath,
    version: pythonVersion,
    implementation,
    basePath: configuration.get('executable') ?? (home === undefined ? '' : join(home, 'python3')),
    packageCount: (await installedPins(path)).length,
    createdAt: (await stat(path)).birthtime,
  };
}
