/** The command line: which commands there are. What a command needs is loaded when it runs. */
import { Command, CommanderError } from 'commander';
import { SettingError } from '../setting.ts';
import { version } from '../version.ts';
import { CliFailure, usageExitCode } from './failure.ts';
import { addSettings } from './setting-flags.ts';

/** Runs one command line to its end; sets the exit code. */
export async function runCli(args: readonly string[]): Promise<void> {
  try {
    await createProgram(args).parseAsync(args, { from: 'user' });
  } catch (problem) {
    process.exitCode = report(problem);
  }
}

function createProgram(args: readonly string[]): Command {
  const program = new Command('beep-python')
    .description('The gateway that lets any program run Python.')
    .version(version)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  const start = program
    .command('start')
    .aliases(['run', 'serve'])
    .description('start the gateway')
    .argument('[transport]', 'Http, Rpc or Pipe: start this listener alone')
    .option('--port <number>', 'port of the one listener that is started alone')
    .option('--detach', 'start in the background and return when it is ready');
  addSettings(start);
  start.action(async (transport: string | undefined, flags: Record<string, never>) => {
    const { start } = await import('./start.ts');
    await start(transport, flags, args);
  });
  return program;
}

function report(problem: unknown): number {
  // Help and version end a command too, and commander has told its own errors already.
  if (problem instanceof CommanderError) return problem.exitCode === 0 ? 0 : usageExitCode;
  if (problem instanceof SettingError || problem instanceof CliFailure) {
    console.error(`beep-python: ${problem.message}`);
    return problem instanceof CliFailure ? problem.exitCode : usageExitCode;
  }
  console.error(problem);
  return 1;
}
