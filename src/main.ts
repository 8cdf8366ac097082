#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Half of a start would be compiling: what is compiled once is kept, until it changes.
enableCompileCache(fileURLToPath(new URL('../.beep-setup/compile-cache', import.meta.url)));
const { runCli } = await import('./cli/program.ts');
await runCli(process.argv.slice(2));
