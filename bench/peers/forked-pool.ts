/** A Python process that stands ready and forks a child for every call; nothing but the fork, without any protocol. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { code } from '../clients/gateway.ts';
import type { Context } from '../measure.ts';

/** As it is called in tables. */
export const forkedPool = 'multiprocessing, forked for each call';

/** Starts it; returns what evaluates `1+1` in a new child, once. */
export function startForkedPool({ peerEnvironment, stack }: Context): () => Promise<void> {
  const child = spawn(peerEnvironment.python, [join(import.meta.dirname, 'forked_pool.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  stack.defer(async () => {
    child.stdin.end();
    await exited;
  });
  const lines = createInterface(child.stdout);
  return async () => {
    const answer = once(lines, 'line');
    child.stdin.write(`${code}\n`);
    const [text] = await answer;
    if (text !== '2') throw new Error(`${forkedPool}: 1+1 gave ${text}`);
  };
}
