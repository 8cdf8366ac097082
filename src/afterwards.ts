/** Work that nobody waits for, kept out of the way of the answer that gave rise to it. */

const waiting: (() => void)[] = [];

/** Runs `work` once what is being answered now has left, and at the latest when the process exits. */
export function afterwards(work: () => void): void {
  // Node sends an answer in the first turn from here and its trailers in the second.
  if (waiting.push(work) === 1) setImmediate(() => setImmediate(run));
}

function run(): void {
  for (let work = waiting.shift(); work !== undefined; work = waiting.shift()) work();
}

process.on('exit', run);
