/** Whether every package has what it requires, as `uv pip check` tells it. */
import { uvFailure } from '../uv/failure.ts';
import { runUv, type UvPlaces } from '../uv/run.ts';
import type { EnvironmentInForce } from './environment-in-force.ts';
import type { EnvironmentProblem } from './problem.ts';

const timeoutMs = 60_000;

/** Asks uv, which looks at what is installed and at nothing else. */
export async function checkDependencies(
  places: UvPlaces,
  environment: EnvironmentInForce,
  signal?: AbortSignal,
): Promise<EnvironmentProblem[]> {
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

function repairOf(line: string): string {
  const [, wanted] = /requires `([^`]+)`/.exec(line) ?? [];
  return wanted === undefined ? 'install another version of it' : `install ${wanted}, or another version of it`;
}
