import { rmSync } from 'node:fs';
import { type Counts, nothing, withExitCode } from './counts.ts';
import { reportPath, testPython } from './places.ts';
import { readReport } from './read-report.ts';
import { type RunOptions, run } from './run.ts';

/** pytest's exit code when there is no test; the total says whether that matters. */
const noTests = 5;

/** Two files at a time in their order, each whole in one process, since its tests share what is made for them. */
export function inProcesses(files: readonly string[]): readonly string[] {
  const isOneFile = files.length === 1 && files[0]?.includes('.py');
  return isOneFile ? [] : ['-n', '2', '--dist', 'loadfile', '--no-loadscope-reorder'];
}

/** Runs the Python tests: all, or those in the files given; `options` are pytest's. */
export async function runPytest(
  files: readonly string[],
  options: readonly string[] = [],
  how: RunOptions = {},
): Promise<Counts> {
  const report = reportPath('pytest.xml');
  rmSync(report, { force: true });
  const exitCode = await run(testPython, ['-m', 'pytest', `--junitxml=${report}`, ...options, ...files], how);
  return withExitCode(
    readReport(report, pytestCounts, nothing),
    exitCode === noTests && files.length === 0 ? 0 : exitCode,
  );
}

/** The counts in a report in JUnit's form. */
export function pytestCounts(text: string): Counts {
  const suite = /<testsuite\b[^>]*>/.exec(text)?.[0] ?? '';
  const count = (name: string) => Number(new RegExp(`\\b${name}="([0-9]+)"`).exec(suite)?.[1] ?? 0);
  const failed = count('failures') + count('errors');
  const skipped = count('skipped');
  return { passed: Math.max(0, count('tests') - failed - skipped), failed, skipped };
}
