/** Ends a command: one sentence on the standard error stream, and an exit code. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure';
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Exit code for a command line that cannot be understood. */
export const usageExitCode = 2;
