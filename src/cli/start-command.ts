/** The flags of `start`. */
import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { addSettings } from './setting-flags.ts';

/** Defines it. */
export function define(command: Command, { args }: CommandContext): void {
  command
    .argument('[transport]', 'Http, Rpc or Pipe: start this listener alone')
    .option('--port <number>', 'port of the one listener that is started alone')
    .option('--detach', 'start in the background and return when it is ready');
  addSettings(command);
  command.action(async (transport: string | undefined, flags: Record<string, never>) => {
    const { start } = await import('./start.ts');
    const { home } = command.parent?.opts() ?? {};
    await start(transport, home === undefined || flags.home !== undefined ? flags : { ...flags, home }, args);
  });
}
