#!/usr/bin/env node
import { useCompileCache } from './compile-cache.ts';

useCompileCache();
const { runCli } = await import('./cli/program.ts');
await runCli(process.argv.slice(2));
