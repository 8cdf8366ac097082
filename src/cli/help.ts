/** `help`: the page of a command, or of one of its subcommands; and what is said of a command that there is not. */
import type { Command } from 'commander';
import { nearest } from '../setting.ts';
import { CliFailure, usageExitCode } from './failure.ts';

/** Gives the program `help`. */
export function addHelp(program: Command): void {
  program.helpCommand(false);
  program
    .command('help [command...]')
    .description('what a command does, and its flags')
    .action((words: readonly string[]) => {
      let command = program;
      for (const [at, word] of words.entries()) {
        const next = command.commands.find((known) => namesOf(known).includes(word));
        if (next === undefined) throw noSuchCommand(command, words.slice(0, at), word);
        command = next;
      }
      command.outputHelp();
    });
}

/** That `command`, to which the words `before` have led, has no subcommand of this name. */
export function noSuchCommand(command: Command, before: readonly string[], word: string): CliFailure {
  const called = (name: string) => [...before, name].join(' ');
  const near = nearest(word, command.commands.flatMap(namesOf));
  const next = near === undefined ? `see: ${['beep-python help', ...before].join(' ')}` : `nearest: ${called(near)}`;
  return new CliFailure(`no such command: ${called(word)}; ${next}`, usageExitCode);
}

function namesOf(command: Command): string[] {
  return [command.name(), ...command.aliases()];
}
