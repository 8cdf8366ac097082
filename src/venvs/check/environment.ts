/** Whether an environment is sound, as deep as the caller wants to know; each level includes those before it. */
import { brokenVenvHint } from '../../errors.ts';
import type { UvPlaces } from '../../uv/run.ts';
import type { EnvironmentInForce } from '../environment-in-force.ts';
import { startInterpreter } from '../generations/interpreter.ts';
import { readInstalledPackages } from '../installed/packages.ts';
import { findSitePackages } from '../installed/site-packages.ts';
import { checkDependencies } from './dependencies.ts';
import { checkFiles } from './files.ts';
import { checkImports } from './imports.ts';
import type { EnvironmentProblem } from './problem.ts';

/** The levels, in their order. */
export const checkLevels = ['interpreter', 'dependencies', 'files', 'imports'] as const;
export type CheckLevel = (typeof checkLevels)[number];

/** What to check. */
export interface CheckOptions {
  readonly places: UvPlaces;
  readonly level: CheckLevel;
  /** To import; none: those of all packages that were asked for by name. */
  readonly modules: readonly string[];
  /** Whether a package was asked for by name. */
  readonly isRequested: (name: string, noted: boolean) => boolean;
  readonly signal?: AbortSignal;
}

/** Everything that is wrong; where the interpreter does not start, nothing further is looked at. */
export async function checkEnvironment(
  environment: EnvironmentInForce,
  options: CheckOptions,
): Promise<EnvironmentProblem[]> {
  const { places, level, signal } = options;
  const depth = checkLevels.indexOf(level);
  const why = await startInterpreter(environment.pythonPath, signal);
  if (why !== undefined) return [{ subject: 'python', message: `${why}; ${brokenVenvHint(environment.name)}` }];
  if (depth === 0) return [];
  const problems = await checkDependencies(places, environment, signal);
  if (depth >= 2) problems.push(...(await checkFiles(findSitePackages(environment), signal)));
  if (depth >= 3)
    problems.push(...(await checkImports(environment.pythonPath, await modulesOf(environment, options), signal)));
  return problems;
}

async function modulesOf(
  environment: EnvironmentInForce,
  { modules, isRequested }: CheckOptions,
): Promise<readonly string[]> {
  if (modules.length > 0) return modules;
  const packages = await readInstalledPackages(findSitePackages(environment));
  const wanted = packages.filter(({ name, requested }) => isRequested(name, requested));
  return [...new Set(wanted.flatMap((one) => one.modules))].sort();
}
