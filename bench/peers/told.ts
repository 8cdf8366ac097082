/** A peer's program that is told what to do by lines of JSON and answers each with a number. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Context } from '../measure.ts';

/** Does one task. */
export type Tell = (...task: readonly (string | number)[]) => Promise<number>;

/** Starts a Python program of this folder; it ends with the measure. */
export function startTold(name: string, file: string, { peerEnvironment, stack }: Context): Tell {
  const child = spawn(peerEnvironment.python, [join(import.meta.dirname, file)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  stack.defer(async () => {
    child.stdin.end();
    await exited;
  });
  const ended = exited.then(() => Promise.reject(new Error(`the peer ${name} ended`)));
  ended.catch(() => {});
  const lines = createInterface(child.stdout);
  return async (...task) => {
    const answer = once(lines, 'line');
    child.stdin.write(`${JSON.stringify(task)}\n`);
    const [text] = await Promise.race([answer, ended]);
    return JSON.parse(text) as number;
  };
}
