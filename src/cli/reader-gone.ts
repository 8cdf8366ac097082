/** What a command does when whoever reads its output goes away, as with `| head`. */

/** As shells have it for a program that SIGPIPE ended. */
export const readerGoneExitCode = 141;

/** Ends the process then; a command that listens for it itself, since it has something to stop first, ends on its own. */
export function endWithItsReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      if (stream.listenerCount('error') === 1) process.exit(readerGoneExitCode);
    });
  }
}
