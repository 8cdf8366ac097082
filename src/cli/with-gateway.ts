/** Commands that make a call or two: connect, call, let go. */
import type { Command } from 'commander';
import type { Gateway } from '../client/node.ts';
import type { GatewayFlags } from './gateway-flags.ts';

/** What they all take. */
export interface CallFlags extends GatewayFlags {
  readonly json?: boolean;
}

/** Does it with the gateway that the command's flags name. */
export async function withGateway<Flags extends CallFlags>(
  command: Command,
  work: (gateway: Gateway, flags: Flags) => Promise<void>,
): Promise<void> {
  const flags: Flags = command.optsWithGlobals();
  const { openGateway } = await import('./connection.ts');
  await using gateway = await openGateway(flags);
  await work(gateway, flags);
}
