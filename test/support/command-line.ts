/** The real program, as people and scripts call it: on pipes, or on a terminal. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../integration/setup/test-home.ts';

const main = join(root, 'src', 'main.ts');

/** How it ended, and what it wrote. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where it runs, and what it reads. */
export interface RunOptions {
  readonly home: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

// What the tests were called with says nothing of what a person's terminal has.
const unsaid = { npm_lifecycle_event: undefined, NODE_OPTIONS: undefined, NO_COLOR: undefined, FORCE_COLOR: undefined };

function environment({ home, env }: RunOptions): NodeJS.ProcessEnv {
  return { ...process.env, ...unsaid, CI: undefined, BEEP_PYTHON_HOME: home, ...env };
}

/** Runs one command to its end. */
export async function run(args: readonly string[], options: RunOptions): Promise<Ran> {
  const child = begin(args, options);
  child.process.stdin?.end(options.stdin ?? '');
  return await child.ended;
}

/** A command that runs. */
export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ran>;
  /** Waits until its stdout has this; answers with all of it. */
  until(text: string | RegExp): Promise<string>;
}

/** Begins a command on pipes. */
export function begin(args: readonly string[], options: RunOptions): Running {
  return follow(spawn(process.execPath, [main, ...args], { env: environment(options), stdio: 'pipe' }));
}

/** A command on a terminal. */
export interface OnTerminal extends Running {
  type(text: string): void;
}

/** Begins a command on a terminal of its own. */
export function onTerminal(args: readonly string[], options: RunOptions): OnTerminal {
  const python = join(process.env.BEEP_PYTHON_HOME as string, 'admin', 'bin', 'python');
  const terminal = join(root, 'test', 'support', 'terminal.py');
  const child = spawn(python, [terminal, process.execPath, main, ...args], {
    env: environment({ ...options, env: { TERM: 'xterm', ...options.env } }),
    stdio: 'pipe',
  });
  return { ...follow(child), type: (text) => void child.stdin.write(text) };
}

function follow(child: ChildProcess): Running {
  let [stdout, stderr] = ['', ''];
  let wake: (() => void) | undefined;
  let hasEnded = false;
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text;
    wake?.();
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  child.stdin?.on('error', () => {}); // it may end before it has read all
  const ended = once(child, 'close').then(([code]) => {
    hasEnded = true;
    wake?.();
    return { code, stdout, stderr };
  });
  let from = 0;
  return {
    process: child,
    ended,
    async until(text) {
      for (;;) {
        const rest = stdout.slice(from);
        const found = typeof text === 'string' ? rest.indexOf(text) : rest.search(text);
        if (found >= 0) {
          const length = typeof text === 'string' ? text.length : (rest.match(text)?.[0].length ?? 0);
          const seen = rest.slice(0, found + length);
          from += found + length;
          return seen;
        }
        if (hasEnded) throw new Error(`ended without ${text}: ${JSON.stringify(rest)} ${stderr}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
