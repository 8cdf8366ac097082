/** The gateway that a command talks to. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { connect, type Gateway } from '../client/node.ts';
import { namedAddress } from './address.ts';
import { CliFailure } from './failure.ts';
import type { GatewayFlags } from './gateway-flags.ts';

/** A command's connection must not hang long at an address where nothing answers. */
const reconnectTimeoutMs = 5_000;

/** Connects as the flags, then the environment, then the home say. Nothing is sent yet. */
export async function openGateway(flags: GatewayFlags): Promise<Gateway> {
  const { home, tokenFile } = flags;
  const named = namedAddress(flags);
  if (named !== undefined && !/^https?:\/\/[^/]/.test(named.url)) {
    throw new CliFailure(`${named.source} is no URL: ${named.url}; it is such as http://127.0.0.1:5678`, 2);
  }
  const token = tokenFile === undefined ? undefined : readToken(tokenFile);
  const address = named?.url;
  return await connect({ home: home === undefined ? undefined : resolve(home), address, token, reconnectTimeoutMs });
}

function readToken(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new CliFailure(`--token-file cannot be read: ${(cause as Error).message}`, 2);
  }
}
