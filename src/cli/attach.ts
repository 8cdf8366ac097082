/** `attach`: the events of an execution that was begun elsewhere, past and live. */
import type { Command } from 'commander';
import { addGatewayFlags, type GatewayFlags } from './gateway-flags.ts';

/** Defines it. */
export function define(command: Command): void {
  addGatewayFlags(command)
    .argument('<execution>', 'id of the execution')
    .option('--from <seq>', 'begin with this event', '1')
    .addHelpText('after', '\nCtrl-C leaves it; the code runs on. The exit code is that of the code, as with exec.')
    .action(async (id: string, _, self: Command) => {
      await attach(id, self.optsWithGlobals());
    });
}

async function attach(id: string, flags: GatewayFlags & { readonly from: string }): Promise<void> {
  const { openGateway } = await import('./connection.ts');
  const { follow } = await import('./follow.ts');
  const { exitCodeOf } = await import('./exec-exit.ts');
  const { integer } = await import('../setting.ts');
  const fromSeq = integer({ min: 1, max: Number.MAX_SAFE_INTEGER, default: 1, meaning: '' }).read(flags.from, '--from');
  const gateway = await openGateway(flags);
  const execution = await gateway.attach(id, { fromSeq });
  const ending = await follow(execution, { showsResult: true, givesInput: true, onInterrupt: 'leave' });
  if (ending !== undefined) process.exitCode = exitCodeOf(ending);
  // The stream of what was left is still open.
  if (ending === undefined) process.exit(0);
  await gateway.close();
}
