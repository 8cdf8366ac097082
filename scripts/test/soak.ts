/** `npm run soak`: the long forms of the tests, and every interpreter that is here; not part of `npm test`. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Counts, failed, sum } from './counts.ts';
import { root } from './places.ts';
import { runPytest } from './pytest.ts';
import { selection } from './selection.ts';
import { summary } from './summary.ts';
import { runVitest } from './vitest.ts';

const startedAt = performance.now();
const { vitest, pytest, isAll } = selection(process.argv.slice(2));
mkdirSync(join(root, '.cache', 'test'), { recursive: true });

const results: Counts[] = [];
if (isAll || vitest.length > 0) results.push(await runVitest(vitest, ['--config', 'vitest.soak.config.ts']));
if (isAll || pytest.length > 0) results.push(await runPytest(pytest, ['-m', 'soak']));

const total = sum(results);
console.log(summary(total, startedAt));
process.exitCode = failed(total) ? 1 : 0;
