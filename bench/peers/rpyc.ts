/** RPyC: a classic server and its client, as a program in Python uses them. */
import { join } from 'node:path';
import type { Context } from '../measure.ts';
import { startTold } from './told.ts';

/** As it is called in tables. */
export const rpyc = 'RPyC, called from Python';

/** What it can be told to do. */
export interface Rpyc {
  /** Milliseconds of a call of a method. */
  call(): Promise<number>;
  /** Calls in a second with 32 in flight. */
  throughput(windowMs: number): Promise<number>;
  /** Milliseconds to read the rows of an iterator. */
  items(count: number): Promise<number>;
}

/** Starts the program that does it. */
export function startRpyc(context: Context): Rpyc {
  const command = [context.peerEnvironment.python, join(import.meta.dirname, 'rpyc_peer.py')];
  const tell = startTold(rpyc, command, context.stack);
  return {
    call: () => tell('call'),
    throughput: (windowMs) => tell('throughput', windowMs / 1000),
    items: (count) => tell('items', count),
  };
}
