/** Jupyter: `jupyter_client` with an `ipykernel`, as a program in Python uses them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Context } from '../measure.ts';

/** As it is called in tables. */
export const jupyter = 'Jupyter, `jupyter_client` and `ipykernel`';

/** What it can be told to do; each takes milliseconds. */
export interface Jupyter {
  /** A new kernel to the result of code that gives 2. */
  fresh(code: string): Promise<number>;
  /** `1+1` in a kernel that lives. */
  call(): Promise<number>;
  /** The first byte that code writes. */
  firstByte(code: string): Promise<number>;
  /** From the interrupt of an endless loop until the kernel is idle. */
  interrupt(): Promise<number>;
  /** From a kill until another kernel has answered in its place. */
  replace(): Promise<number>;
}

/** Starts the program that does it. */
export function startJupyter({ peerEnvironment, stack }: Context): Jupyter {
  const child = spawn(peerEnvironment.python, [join(import.meta.dirname, 'jupyter.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  stack.defer(async () => {
    child.stdin.end();
    await exited;
  });
  const ended = exited.then(() => Promise.reject(new Error(`the peer ${jupyter} ended`)));
  ended.catch(() => {});
  const lines = createInterface(child.stdout);
  const tell = async (...task: readonly string[]): Promise<number> => {
    const answer = once(lines, 'line');
    child.stdin.write(`${JSON.stringify(task)}\n`);
    const [text] = await Promise.race([answer, ended]);
    return JSON.parse(text) as number;
  };
  return {
    fresh: (code) => tell('new', code),
    call: () => tell('call'),
    firstByte: (code) => tell('first-byte', code),
    interrupt: () => tell('interrupt'),
    replace: () => tell('replace'),
  };
}
