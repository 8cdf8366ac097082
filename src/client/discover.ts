/** Finds the gateway of this machine, and its token: what the call names, then the environment, then `run/gateway.json`. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { addressOf } from './address.ts';
import { BeepError } from './beep-error.ts';

/** What a call may name. */
export interface Wanted {
  readonly address?: string;
  readonly token?: string;
  readonly home?: string;
}

/** Where to call, and as whom. */
export interface Found {
  readonly address: string;
  /** Undefined: none is known. */
  readonly token: string | undefined;
}

/** What `run/gateway.json` says. */
interface GatewayFile {
  readonly pid: number;
  readonly endpoints: { readonly http: string | null; readonly rpc: string | null };
  readonly tokenFile: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** The listeners that speak a protocol, the best first. */
export type Listener = 'http' | 'rpc';

/** Finds it. Throws NO_GATEWAY with what to do. */
export async function discover(wanted: Wanted, listeners: readonly Listener[], env: Variables): Promise<Found> {
  const home = wanted.home ?? set(env['BEEP_PYTHON_HOME']) ?? join(homedir(), '.beep-python');
  // A home that the call names goes before an address of the environment.
  const fromEnv = wanted.address === undefined && wanted.home === undefined ? set(env['BEEP_PYTHON_URL']) : undefined;
  const given = wanted.address === undefined ? fromEnv : wanted.address;
  const address =
    given === undefined ? undefined : addressOf(given, fromEnv === undefined ? 'address' : 'BEEP_PYTHON_URL');
  const named = wanted.token ?? (await tokenOf(env));
  if (address !== undefined) return { address, token: named ?? (await ownToken(home, address)) };
  const file = await readGatewayFile(home);
  if (file === undefined) {
    throw new BeepError(
      'NO_GATEWAY',
      `no gateway runs for ${home}: start one with npm start, or name an address (BEEP_PYTHON_URL) or another home (BEEP_PYTHON_HOME)`,
      { metadata: { home } },
    );
  }
  if (!isAlive(file.pid)) {
    throw new BeepError(
      'NO_GATEWAY',
      `the gateway of ${home} is gone: process ${file.pid} ended without a word; start it again with npm start`,
      { metadata: { home, pid: String(file.pid) } },
    );
  }
  const endpoint = listeners.map((listener) => file.endpoints[listener]).find((url) => url !== null);
  if (endpoint === undefined || endpoint === null) {
    throw new BeepError('NO_GATEWAY', `the gateway of ${home} listens for none of: ${listeners.join(', ')}`, {
      metadata: { home },
    });
  }
  return { address: endpoint, token: named ?? (await readToken(file.tokenFile)) };
}

/** The token of this machine, for an address that is this machine's gateway, and for no other. */
async function ownToken(home: string, address: string): Promise<string | undefined> {
  const file = await readGatewayFile(home).catch(() => undefined);
  if (file === undefined || !isAlive(file.pid)) return undefined;
  const isOurs = [file.endpoints.http, file.endpoints.rpc].some((url) => url !== null && isSame(url, address));
  return isOurs ? await readToken(file.tokenFile) : undefined;
}

function isSame(url: string, address: string): boolean {
  const [ours, theirs] = [new URL(url), new URL(address)];
  const hostOf = ({ hostname }: URL) => (hostname === 'localhost' ? '127.0.0.1' : hostname);
  return ours.protocol === theirs.protocol && ours.port === theirs.port && hostOf(ours) === hostOf(theirs);
}

async function tokenOf(env: Variables): Promise<string | undefined> {
  const token = set(env['BEEP_PYTHON_TOKEN']);
  const path = set(env['BEEP_PYTHON_TOKEN_FILE']);
  return token ?? (path === undefined ? undefined : await readToken(path));
}

async function readToken(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    throw new BeepError('NO_GATEWAY', `the token cannot be read: ${path}; is it another user's gateway?`, { cause });
  }
}

async function readGatewayFile(home: string): Promise<GatewayFile | undefined> {
  const path = join(home, 'run', 'gateway.json');
  try {
    const content = JSON.parse(await readFile(path, 'utf8')) as GatewayFile;
    if (typeof content.pid === 'number' && typeof content.endpoints === 'object') return content;
    throw new TypeError('it lacks a pid or endpoints');
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'ENOENT') return undefined;
    throw new BeepError('NO_GATEWAY', `${path} does not say where the gateway is: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** A process of another user is one, too. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM';
  }
}

function set(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}
