/** `npm test`: every check and every suite, in a home of their own, with one line at the end that counts them all. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { checks } from './checks.ts';
import { type Counts, failed, sum } from './counts.ts';
import { reportPath, root } from './places.ts';
import { inProcesses, runPytest } from './pytest.ts';
import { runCheck } from './run-check.ts';
import { selection } from './selection.ts';
import { summary } from './summary.ts';
import { runVitest } from './vitest.ts';

const startedAt = performance.now();
const { vitest, pytest, isAll } = selection(process.argv.slice(2));
mkdirSync(join(root, '.cache', 'test'), { recursive: true });

const results: Counts[] = [];
if (isAll) results.push(...(await Promise.all(checks().map(runCheck))));
// Both suites wait more than they work, so that they end sooner beside each other than one after the other.
const suites: Promise<Counts>[] = [];
if (isAll || vitest.length > 0) suites.push(runVitest(vitest));
if (isAll || pytest.length > 0) {
  suites.push(runPytest(pytest, inProcesses(pytest), suites.length > 0 ? { log: reportPath('pytest.log') } : {}));
}
results.push(...(await Promise.all(suites)));

const total = sum(results);
console.log(summary(total, startedAt));
process.exitCode = failed(total) ? 1 : 0;
