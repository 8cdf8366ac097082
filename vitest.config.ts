import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './scripts/test/longest-first.ts';

const cache = fileURLToPath(new URL('./.cache', import.meta.url));

export default defineConfig({
  cacheDir: `${cache}/vite`,
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // A process and its modules serve one file after the other: to begin anew for each costs a minute of two cores in all.
    isolate: false,
    // A file with its gateway takes six tenths of a processor: two at once, beside pytest's two, keep two busy; more slow
    // each other down.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 10_000,
    // Never the user's own home; `npm test` has set this one up, and what the tests install is kept beside it.
    env: {
      BEEP_PYTHON_HOME: `${cache}/home`,
      BEEP_PYTHON_PACKAGE_CACHE: `${cache}/uv`,
      PIP_CACHE_DIR: `${cache}/pip`,
    },
  },
});
