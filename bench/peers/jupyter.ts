/** Jupyter: `jupyter_client` with an `ipykernel`, as a program in Python uses them. */
import { join } from 'node:path';
import type { Context } from '../measure.ts';
import { startTold } from './told.ts';

/** As it is called in tables. */
export const jupyter = 'Jupyter, `jupyter_client` and `ipykernel`';

/** What it can be told to do; each takes milliseconds, where nothing else is said. */
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
  /** Until all of so many characters that code writes have come. */
  write(code: string, size: number): Promise<number>;
  /** Until the caller has an array of so many float64. */
  array(count: number): Promise<number>;
  /** Private mebibytes of one more kernel in which code has run. */
  memory(code: string): Promise<number>;
}

/** Starts the program that does it. */
export function startJupyter(context: Context): Jupyter {
  const command = [context.peerEnvironment.python, join(import.meta.dirname, 'jupyter.py')];
  const tell = startTold(jupyter, command, context.stack);
  return {
    fresh: (code) => tell('new', code),
    call: () => tell('call'),
    firstByte: (code) => tell('first-byte', code),
    interrupt: () => tell('interrupt'),
    replace: () => tell('replace'),
    write: (code, size) => tell('write', code, size),
    array: (count) => tell('array', count),
    memory: (code) => tell('memory', code),
  };
}
