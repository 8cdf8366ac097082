import { spawn } from 'node:child_process';
import module from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { SetupProblem } from './problem.js';

// The same folder as in src/compile-cache.ts: with it from the first file on, nothing has to be stripped of its types.
const compileCache = fileURLToPath(new URL('../../.beep-setup/compile-cache', import.meta.url));
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'];

/** Runs a script as the command: in this process where `node` is undefined, else in a child that stands for it. */
export async function handOver(node, script, args) {
  if (node === undefined) {
    module.enableCompileCache?.(compileCache);
    process.argv = [process.execPath, script, ...args];
    await import(pathToFileURL(script).href);
    return;
  }
  // With this variable the gateway ends when its parent does, as under npm: here the parent is this process.
  const env = {
    NODE_COMPILE_CACHE: compileCache,
    ...process.env,
    npm_lifecycle_event: process.env.npm_lifecycle_event ?? 'start',
  };
  const child = spawn(node, [script, ...args], { stdio: 'inherit', env });
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  whenNpmEnds(() => child.kill('SIGTERM'));
  const { code, signal } = await new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new SetupProblem(`cannot run ${node}: ${error.message}`)));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  process.exit(code ?? 128 + constants.signals[signal]);
}

/** npm passes a signal on to a shell, which ends without passing it on to us: only the change of our parent tells. */
function whenNpmEnds(callback) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && callback(), 250).unref();
}
