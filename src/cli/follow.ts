/** Follows an execution to its end on this terminal: output, input, Ctrl-C. */
import type { Ending, Execution } from '../client/node.ts';
import { endingText } from './exec-exit.ts';
import { write, writeEvent } from './exec-output.ts';
import { CliFailure } from './failure.ts';
import { createInputReader } from './input-reader.ts';
import { readerGoneExitCode } from './reader-gone.ts';

/** How it is followed. */
export interface FollowOptions {
  /** The value of the last expression is written, too. */
  readonly showsResult: boolean;
  /** Nothing of what it writes or gives is shown. */
  readonly isSilent?: boolean;
  /** Whether what the code reads comes from our standard input. */
  readonly givesInput: boolean;
  /** What Ctrl-C does: stop the code, or stop following. */
  readonly onInterrupt: 'interrupt' | 'leave';
}

/** Answers with how it ended; undefined when it was left. The first Ctrl-C interrupts the code, the second one kills it. */
export async function follow(execution: Execution, options: FollowOptions): Promise<Ending | undefined> {
  const { onInterrupt, givesInput } = options;
  const input = givesInput ? createInputReader() : undefined;
  const left = new AbortController();
  let presses = 0;
  const onSignal = () => {
    presses += 1;
    if (onInterrupt === 'leave') return left.abort();
    // What runs no more cannot be interrupted, and has ended anyhow.
    execution.interrupt(presses > 1 ? { kill: true } : {}).catch(() => {});
  };
  const onPipeGone = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (onInterrupt === 'leave') process.exit(readerGoneExitCode);
    left.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', onPipeGone);
  const abandoned = new Promise<undefined>((resolve) => {
    left.signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  try {
    const events = execution[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([events.next(), abandoned]);
      if (next === undefined) {
        if (onInterrupt === 'interrupt') await execution.interrupt().catch(() => {});
        return undefined;
      }
      if (next.done) throw new CliFailure('the events ended before the code did');
      const event = next.value;
      if (event.type === 'inputRequest' && input !== undefined) {
        const { requestId, password } = event;
        void input
          .read(password)
          .then((line) => execution.sendInput(line ?? '', { requestId, endOfFile: line === undefined }))
          .catch(() => {}); // nobody asks any more
      } else if (event.type === 'finished') {
        const text = endingText(event);
        if (text !== '' && !options.isSilent) await write(process.stderr, `beep-python: ${text}\n`);
        return event;
      } else if (!options.isSilent) {
        // A write that waits for room hears of the reader's end, too.
        await writeEvent(event, options).catch(onPipeGone);
      }
    }
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, onSignal);
    for (const stream of [process.stdout, process.stderr]) stream.off('error', onPipeGone);
    input?.close();
  }
}
