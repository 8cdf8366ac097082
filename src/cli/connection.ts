/** The gateway that a command talks to. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { connect, type Gateway } from '../client/node.ts';
import { CliFailure } from './failure.ts';
import type { GatewayFlags } from './gateway-flags.ts';

/** A command's connection must not hang long at an address where nothing answers. */
const reconnectTimeoutMs = 5_000;

/** Connects as the flags, then the environment, then the home say. Nothing is sent yet. */
export async function openGateway({ home, address, tokenFile }: GatewayFlags): Promise<Gateway> {
  if (address !== undefined && !/^https?:\/\/[^/]/.test(address)) {
    throw new CliFailure(`--address is no URL: ${address}; it is such as http://127.0.0.1:5678`, 2);
  }
  const token = tokenFile === undefined ? undefined : readToken(tokenFile);
  return await connect({ home: home === undefined ? undefined : resolve(home), address, token, reconnectTimeoutMs });
}

function readToken(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new CliFailure(`--token-file cannot be read: ${(cause as Error).message}`, 2);
  }
}
