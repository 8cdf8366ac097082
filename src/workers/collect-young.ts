/**
 * What comes in lies in buffers of Node's own, a new one for each portion. They die at once, but count for little in the
 * young heap and for much outside of it: V8 lets 64 MiB of them be, and then marks the whole heap. Whoever passes on large
 * data has the young ones collected on the way, which takes a millisecond.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { type: 'minor' }) => void;

/** So many bytes are passed on between two collections. */
const everyBytes = 8 * 1024 * 1024;

let collect: Collect | undefined;
let passed = 0;

/** So many bytes more have been passed on. */
export function passedOn(bytes: number): void {
  passed += bytes;
  if (passed < everyBytes) return;
  passed = 0;
  collect ??= exposed();
  collect({ type: 'minor' });
}

function exposed(): Collect {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
}
