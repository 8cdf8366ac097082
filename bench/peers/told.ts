/** A peer's program that is told what to do by lines of JSON and answers each with a number. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Does one task. */
export type Tell = (...task: readonly (string | number)[]) => Promise<number>;

/** Starts a program; it ends with the measure. */
export function startTold(
  name: string,
  [program, ...args]: readonly string[],
  stack: AsyncDisposableStack,
  env: NodeJS.ProcessEnv = {},
): Tell {
  const child = spawn(program as string, args, {
    env: { ...process.env, ...env },
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
