import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { root } from './places.ts';

/** Colour on a terminal only; some programs of ours do not look. */
const colour: NodeJS.ProcessEnv = process.stdout.isTTY ? {} : { NO_COLOR: '1' };

/** How a program is run. */
export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** A file that takes what it says, which is shown when it has ended: for one that runs beside others. */
  readonly log?: string;
}

/** Runs a program with its output shown as it comes; resolves with its exit code. */
export async function run(command: string, args: readonly string[], { env, log }: RunOptions = {}): Promise<number> {
  const output = log === undefined ? 'inherit' : openSync(log, 'w');
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', output, output],
    env: { ...process.env, ...colour, ...env },
  });
  const end = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGTERM', end).on('SIGINT', end);
  try {
    return await new Promise((resolve) => {
      child.once('error', (error) => {
        console.error(`cannot run ${command}: ${error.message}`);
        resolve(127);
      });
      child.once('exit', (code) => resolve(code ?? 1));
    });
  } finally {
    process.off('SIGTERM', end).off('SIGINT', end);
    if (typeof output === 'number') {
      closeSync(output);
      process.stdout.write(readFileSync(log as string));
    }
  }
}
