/** A peer that has Python objects in its own process, as every one of them is measured. */
import type { Tell } from './told.ts';

/** What it can be told to do. */
export interface ObjectPeer {
  /** Milliseconds of a call of a method. */
  call(): Promise<number>;
  /** Calls in a second with 32 in flight. */
  throughput(windowMs: number): Promise<number>;
  /** Milliseconds to read the rows of an iterator. */
  items(count: number): Promise<number>;
  /** Milliseconds until the caller has an array of so many float64. */
  array(count: number): Promise<number>;
}

/** The peer behind a program. */
export function objectPeer(tell: Tell): ObjectPeer {
  return {
    call: () => tell('call'),
    throughput: (windowMs) => tell('throughput', windowMs),
    items: (count) => tell('items', count),
    array: (count) => tell('array', count),
  };
}
