/** Where the bench finds and keeps things. */
import { join } from 'node:path';

/** The repository. */
export const root = join(import.meta.dirname, '..');

/** Everything that is made here and can be made again. */
export const cache = join(root, '.cache', 'bench');

/** What is kept of a run. */
export const results = join(root, 'bench', 'results');

/** The page that has the table. */
export const page = join(root, 'docs', 'performance.md');
