/** Which address a command talks to: flags, then the environment; without one it is the gateway of the home. */
import type { GatewayFlags } from './gateway-flags.ts';

/** An address, and what named it. */
export interface NamedAddress {
  readonly url: string;
  readonly source: string;
}

/** The address that is named; undefined: that of the gateway of the home. */
export function namedAddress({ home, address }: GatewayFlags): NamedAddress | undefined {
  if (address !== undefined) return { url: address, source: '--address' };
  if (home !== undefined) return undefined;
  return variable('BEEP_PYTHON_URL') ?? originalAddress();
}

/** As the variables of the original's clients say. A pipe is not spoken here: its gateway is found by its home. */
function originalAddress(): NamedAddress | undefined {
  const backend = (process.env.PYTHON_BACKEND_TYPE || 'http').toLowerCase();
  if (backend === 'rpc') return variable('PYTHON_RPC_ADDRESS');
  return backend === 'http' ? variable('PYTHON_HTTP_URL') : undefined;
}

function variable(source: string): NamedAddress | undefined {
  const url = process.env[source];
  return url ? { url, source } : undefined;
}
