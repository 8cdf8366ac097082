/** `restart`: stops the gateway and starts it again in the background, with the flags that it had. */
import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { CliFailure } from './failure.ts';
import { addHomeFlag } from './gateway-flags.ts';
import { homeOf } from './home-folder.ts';
import { print } from './output.ts';
import { commandLineOf, runningGateway } from './running-gateway.ts';
import { stopGateway } from './stop.ts';

/** Defines it. */
export function define(command: Command, { createProgram }: CommandContext): void {
  addHomeFlag(command)
    .allowExcessArguments()
    .allowUnknownOption()
    .passThroughOptions()
    .argument('[flags...]', 'of start, after --; left out: those that it was started with')
    .action(async (flags: string[], _, self: Command) => {
      await restart(homeOf(self.optsWithGlobals()), flags, createProgram);
    });
}

async function restart(
  home: string,
  given: readonly string[],
  createProgram: CommandContext['createProgram'],
): Promise<void> {
  const running = runningGateway(home);
  const before = running === undefined ? [] : flagsOf(running.pid);
  const flags = given.length > 0 ? given.filter((flag) => flag !== '--') : before;
  // What cannot start must not cost the gateway that runs.
  const args = [
    'start',
    ...flags.filter((flag) => flag !== '--detach'),
    ...(flags.includes('--home') ? [] : ['--home', home]),
  ];
  const program = await createProgram([...args, '--detach']);
  const pid = await stopGateway(home, false);
  if (pid !== undefined) print(`stopped: process ${pid}`);
  await program.parseAsync([...args, '--detach'], { from: 'user' });
}

/** What stood after `start`. */
function flagsOf(pid: number): string[] {
  const words = commandLineOf(pid);
  if (words === undefined) return [];
  const at = words.findIndex((word) => ['start', 'run', 'serve'].includes(word));
  if (at < 0) throw new CliFailure(`process ${pid} is no gateway`);
  return words.slice(at + 1);
}
