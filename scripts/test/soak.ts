/** `npm run soak`: the long forms of the tests, and every interpreter that is here; not part of `npm test`. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Counts, failed, sum } from './counts.ts';
import { reportPath, root } from './places.ts';
import { runPytest } from './pytest.ts';
import { readReport } from './read-report.ts';
import { selection } from './selection.ts';
import { summary } from './summary.ts';
import { pytestTimings, type Timing, timingsTable, vitestTimings } from './timings.ts';
import { runVitest } from './vitest.ts';

const startedAt = performance.now();
const { vitest, pytest, isAll } = selection(process.argv.slice(2));
mkdirSync(join(root, '.cache', 'test'), { recursive: true });

const results: Counts[] = [];
const timings: Timing[] = [];
if (isAll || vitest.length > 0) {
  results.push(await runVitest(vitest, ['--config', 'vitest.soak.config.ts']));
  timings.push(...readReport(reportPath('vitest.json'), vitestTimings, []));
}
if (isAll || pytest.length > 0) {
  results.push(await runPytest(pytest, ['-m', 'soak']));
  timings.push(...readReport(reportPath('pytest.xml'), pytestTimings, []));
}

const total = sum(results);
console.log(timingsTable(timings));
console.log(summary(total, startedAt));
process.exitCode = failed(total) ? 1 : 0;
