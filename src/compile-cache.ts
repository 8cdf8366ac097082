/** What is compiled once is kept until it changes: half of a start, and most of what a short command takes, is compiling. */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../.beep-setup/compile-cache', import.meta.url));

/** Uses the cache from here on. Whoever started us may have begun with it, so that our first file came from it, too. */
export function useCompileCache(): void {
  enableCompileCache(folder);
  // It is for this process: programs of others that run below it have caches of their own, or none.
  if (process.env.NODE_COMPILE_CACHE === folder) delete process.env.NODE_COMPILE_CACHE;
}

/** The variable for another process of ours that uses the cache from its first file on. */
export const compileCacheEnvironment = { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? folder };
