/** pythonia: Python objects in a Node program, over the standard streams of an interpreter that it starts. */
import { join } from 'node:path';
import type { Context } from '../measure.ts';
import { startTold } from './told.ts';

/** As it is called in tables. */
export const pythonia = 'pythonia, called from Node';

/** What it can be told to do. */
export interface Pythonia {
  /** Milliseconds of a call of a method. */
  call(): Promise<number>;
  /** Calls in a second with 32 in flight. */
  throughput(windowMs: number): Promise<number>;
  /** Milliseconds to read the rows of an iterator. */
  items(count: number): Promise<number>;
}

/** Starts the program that does it. */
export function startPythonia(context: Context): Pythonia {
  const { folder, python, node } = context.peerEnvironment;
  const here = join(import.meta.dirname, 'pythonia');
  const command = [process.execPath, join(here, 'program.js'), node, join(here, 'target.py')];
  const tell = startTold(pythonia, command, context.stack, { PYTHON_BIN: python, VIRTUAL_ENV: folder });
  return {
    call: () => tell('call'),
    throughput: (windowMs) => tell('throughput', windowMs),
    items: (count) => tell('items', count),
  };
}
