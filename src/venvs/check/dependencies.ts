/** Whether every package has what it requires, as `uv pip check` tells it. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { uvFailure } from '../../uv/failure.ts';
import { runUv, type UvPlaces } from '../../uv/run.ts';
import type { EnvironmentInForce } from '../environment-in-force.ts';
import { distributionName, findSitePackages, type SitePackages } from '../installed/site-packages.ts';
import type { EnvironmentProblem } from './problem.ts';

const timeoutMs = 60_000;

/** Asks uv, which looks at what is installed and at nothing else; where that cannot be read it is not asked: it would wait. */
export async function checkDependencies(
  places: UvPlaces,
  environment: EnvironmentInForce,
  signal?: AbortSignal,
): Promise<EnvironmentProblem[]> {
  const unreadable = await unreadableIn(findSitePackages(environment));
  if (unreadable.length > 0) return unreadable;
  const call = { timeoutMs, ...(signal !== undefined && { signal }) };
  const result = await runUv(places, ['pip', 'check', '--python', environment.pythonPath], call);
  if (result.exitCode === 0) return [];
  const problems = result.stderr.split('\n').flatMap((line) => {
    const [, name] = /^The package `([^`]+)` /.exec(line) ?? [];
    return name === undefined ? [] : [{ subject: name, message: `${line.replaceAll('`', '')}; ${repairOf(line)}` }];
  });
  if (problems.length === 0) throw uvFailure(result, { action: 'check what packages require', venv: environment.name });
  return problems;
}

async function unreadableIn(site: SitePackages): Promise<EnvironmentProblem[]> {
  const problems: EnvironmentProblem[] = [];
  const folders = (await readdir(site.path)).filter((name) => name.endsWith('.dist-info'));
  for (const folder of folders.sort()) {
    const found = await stat(join(site.path, folder, 'METADATA')).catch(() => undefined);
    if (found?.isFile()) continue;
    const subject = distributionName(folder);
    problems.push({ subject, message: `it has no METADATA that can be read; uninstall and install ${subject}` });
  }
  return problems;
}

function repairOf(line: string): string {
  const [, wanted] = /requires `([^`]+)`/.exec(line) ?? [];
  return wanted === undefined ? 'install another version of it' : `install ${wanted}, or another version of it`;
}
