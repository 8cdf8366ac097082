import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** How much of what a program says is kept, for the case that it fails. */
const keptCharacters = 64 * 1024;

/** Runs a program to its end; `{ code, output }`, with both its streams in the one text. `fd` is handed on as descriptor 3. */
export function run(command, args, { cwd, env, fd } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe', ...(fd === undefined ? [] : [fd])],
    });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-keptCharacters);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const unwatch = endWithUs(child);
    child.once('error', (error) => {
      unwatch();
      resolve({ code: -1, output: error.message });
    });
    child.once('close', (code) => {
      unwatch();
      resolve({ code, output });
    });
  });
}

/** A set-up that is told to end takes the program it runs with it. */
function endWithUs(child) {
  const end = (signal) => {
    child.kill(signal);
    process.exit(128 + constants.signals[signal]);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, end);
  return () => {
    for (const signal of signals) process.off(signal, end);
  };
}

/** The last lines of a text, indented, to be shown below a sentence that says what failed. */
export function lastLines(text) {
  return indented(text.trimEnd().split('\n').slice(-shownLines));
}

/** The first lines of a text, for programs that give the reason first and advice after it. */
export function firstLines(text) {
  return indented(text.trimEnd().split('\n').slice(0, shownLines));
}

const shownLines = 15;

function indented(lines) {
  return lines.map((line) => `  ${line}`).join('\n');
}
