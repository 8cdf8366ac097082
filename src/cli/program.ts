/** The command line: finds the command that is meant, loads it, and runs it. */
import { Command } from 'commander';
import { version } from '../version.ts';
import { commandNamed, commands } from './commands.ts';
import { globalFlags, valueFlags } from './gateway-flags.ts';
import { addHelp, noSuchCommand } from './help.ts';
import { endWithItsReader } from './reader-gone.ts';
import { report } from './report.ts';

/** Runs one command line to its end; sets the exit code. */
export async function runCli(args: readonly string[]): Promise<void> {
  endWithItsReader();
  try {
    await (await createProgram(args)).parseAsync(args, { from: 'user' });
  } catch (problem) {
    const exitCode = report(problem);
    // A command that failed half-way may have left something that would keep the process alive.
    if (exitCode !== 0) process.exit(exitCode);
  }
}

/** The whole program, with the commands that `args` name defined, and the others by their names alone. */
export async function createProgram(args: readonly string[]): Promise<Command> {
  const called = firstWords(args);
  const program = new Command('beep-python')
    .description('The gateway that lets any program run Python.')
    .version(version)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(toldAs(text, called[0])) })
    .addHelpText('after', afterHelp);
  for (const option of globalFlags()) program.addOption(option);
  for (const { name, aliases, summary, load } of commands) {
    const command = program.command(name).description(summary);
    if (aliases !== undefined) command.aliases(aliases);
    if (called.some((word) => commandNamed(word)?.name === name))
      (await load()).define(command, { args, commands, createProgram });
  }
  // The commands would inherit it; here it leads to the sentence below.
  program.allowExcessArguments();
  addHelp(program);
  program.action(async () => {
    const [word] = program.args;
    if (word !== undefined) throw noSuchCommand(program, [], word);
    if (!process.stdin.isTTY || !process.stdout.isTTY) return program.outputHelp();
    const { shell } = await import('./shell.ts');
    await shell(program.opts());
  });
  return program;
}

/** A sentence of commander's, as ours are: whose it is, and the next step where it names none. */
function toldAs(text: string, command: string | undefined): string {
  const told = text.replace(/^error: /, 'beep-python: ');
  if (command === undefined || !/^error: (missing required|too many|option .* argument missing)/.test(text))
    return told;
  return `${told.trimEnd().replace(/\.$/, '')}; see: beep-python help ${command}\n`;
}

const afterHelp = `
Exit codes: 0 done; 1 failed; 2 the command line cannot be understood;
3 no gateway answers; exec: the code's own.
Settings come from flags, BEEP_PYTHON_* variables, config.toml in the home
folder, and defaults, in this order.`;

/** The command, and the one that `help` is asked about. */
function firstWords(args: readonly string[]): string[] {
  const words: string[] = [];
  for (let at = 0; at < args.length && words.length < 2; at++) {
    const arg = args[at] as string;
    if (valueFlags.includes(arg)) at++;
    else if (!arg.startsWith('-')) words.push(arg);
  }
  return words[0] === 'help' ? words : words.slice(0, 1);
}
