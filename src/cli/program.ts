/** The command line: which commands there are. What a command needs is loaded when it runs. */
import { Command, CommanderError } from 'commander';
import { BeepError } from '../errors.ts';
import { SettingError } from '../setting.ts';
import { version } from '../version.ts';
import { CliFailure, usageExitCode } from './failure.ts';
import { addSettings } from './setting-flags.ts';

/** Runs one command line to its end; sets the exit code. */
export async function runCli(args: readonly string[]): Promise<void> {
  try {
    await createProgram(args).parseAsync(args, { from: 'user' });
  } catch (problem) {
    const exitCode = report(problem);
    // A start that failed half-way may have left something that would keep the process alive.
    if (exitCode !== 0) process.exit(exitCode);
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
  if (problem instanceof BeepError && problem.reason !== 'INTERNAL') {
    console.error(`beep-python: ${problem.message}`);
    return 1;
  }
  const refused = addressProblem(problem);
  console.error(refused === undefined ? problem : `beep-python: ${refused}`);
  return 1;
}

function addressProblem(problem: unknown): string | undefined {
  const { code, address, port } = problem as { code?: string; address?: string; port?: number };
  const place = `${address}:${port}`;
  if (code === 'EADDRINUSE') return `another program listens on ${place}; take another port, or 0 for any free one`;
  if (code === 'EADDRNOTAVAIL') return `${address} is no address of this machine; see --host`;
  if (code === 'EACCES' && port !== undefined) return `this user may not listen on ${place}; take a port above 1023`;
  return undefined;
}
