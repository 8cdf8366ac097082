/** What took longest in the last `npm test`: `node scripts/test/longest.ts`. */
import { reportPath } from './places.ts';
import { readReport } from './read-report.ts';
import { longestTable, pytestTimings, vitestTimings } from './timings.ts';

const suites = {
  vitest: readReport(reportPath('vitest.json'), vitestTimings, []),
  pytest: readReport(reportPath('pytest.xml'), pytestTimings, []),
};
for (const [name, timings] of Object.entries(suites)) console.log(`\n${name}:\n${longestTable(timings, 15)}`);
