import type { Check } from './checks.ts';
import type { Counts } from './counts.ts';
import { reportPath } from './places.ts';
import { run } from './run.ts';

/** Runs one check; it counts as one test. */
export async function runCheck(check: Check): Promise<Counts> {
  const startedAt = performance.now();
  const exitCode = await run(check.command, check.args, { log: reportPath(`${check.name}.log`) });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${exitCode === 0 ? 'ok  ' : 'FAIL'} ${check.name} (${seconds} s)`);
  return { passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1, skipped: 0 };
}
