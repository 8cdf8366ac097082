import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { pathToFileURL } from 'node:url';
import { SetupProblem } from './problem.js';

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'];

/** Runs a script as the command: in this process where `node` is undefined, else in a child that stands for it. */
export async function handOver(node, script, args) {
  if (node === undefined) {
    process.argv = [process.execPath, script, ...args];
    await import(pathToFileURL(script).href);
    return;
  }
  const child = spawn(node, [script, ...args], { stdio: 'inherit' });
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  const { code, signal } = await new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new SetupProblem(`cannot run ${node}: ${error.message}`)));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  process.exit(code ?? 128 + constants.signals[signal]);
}
