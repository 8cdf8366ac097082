/** What a command may know of the program that it is part of. */
import type { Command } from 'commander';

/** The program around a command. */
export interface CommandContext {
  /** The whole command line. */
  readonly args: readonly string[];
  /** The names and summaries of all commands. */
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  /** The program with the commands defined that this command line names. */
  readonly createProgram: (args: readonly string[]) => Promise<Command>;
}
