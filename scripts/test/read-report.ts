import { existsSync, readFileSync } from 'node:fs';
import type { Counts } from './counts.ts';

/** The counts of a report; none where the suite left none. */
export function readReport(path: string, parse: (text: string) => Counts): Counts {
  return existsSync(path) ? parse(readFileSync(path, 'utf8')) : { passed: 0, failed: 0, skipped: 0 };
}
