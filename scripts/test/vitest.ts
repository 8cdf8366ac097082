import { rmSync } from 'node:fs';
import { type Counts, nothing, withExitCode } from './counts.ts';
import { nodeProgram, reportPath } from './places.ts';
import { readReport } from './read-report.ts';
import { run } from './run.ts';

/** Runs the TypeScript tests: all, or those whose paths contain one of the filters; `options` are vitest's. */
export async function runVitest(filters: readonly string[], options: readonly string[] = []): Promise<Counts> {
  const report = reportPath('vitest.json');
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const args = [nodeProgram('vitest/vitest.mjs'), 'run', ...reporters, ...options, ...filters];
  const exitCode = await run(process.execPath, args);
  return withExitCode(readReport(report, vitestCounts, nothing), exitCode);
}

/** The counts in a report of vitest's. */
export function vitestCounts(text: string): Counts {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(text);
  return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
}
