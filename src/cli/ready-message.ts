import type { Config } from '../config.ts';
import { version } from '../version.ts';
import type { Endpoints } from './gateway-file.ts';

/** What there is to say once the gateway accepts calls. */
export interface ReadyMessage {
  readonly config: Pick<Config, 'auth'>;
  readonly endpoints: Endpoints;
  readonly tokenFile: string;
  readonly tookMs?: number;
}

/** Prints where the gateway is, and a first call to copy. The token's path, never its value. */
export function printReady(message: ReadyMessage): void {
  process.stdout.write(readyText(message));
}

/** The text of `printReady`. */
export function readyText({ config, endpoints, tokenFile, tookMs }: ReadyMessage): string {
  const took = tookMs === undefined ? '' : ` after ${(tookMs / 1000).toFixed(2)} s`;
  const rows = [
    ['http', endpoints.http],
    ['rpc', endpoints.rpc],
    ['pipe', endpoints.pipe],
    ['token', config.auth === 'token' ? tokenFile : `not needed (--auth ${config.auth})`],
  ].filter((row): row is [string, string] => row[1] !== null);
  const lines = rows.map(([name, value]) => `  ${name.padEnd(6)} ${value}`);
  return [`beep-python ${version} is ready${took}`, ...lines, ...firstCall(config.auth, endpoints, tokenFile), ''].join(
    '\n',
  );
}

function firstCall(auth: Config['auth'], endpoints: Endpoints, tokenFile: string): string[] {
  const header = auth === 'token' ? `-H "Authorization: Bearer $(cat ${shellQuoted(tokenFile)})" ` : '';
  if (endpoints.http !== null) {
    return [
      '',
      'A first call:',
      `  curl -s ${header}-H 'Content-Type: application/json' -d '{"code": "print(6 * 7)"}' ${endpoints.http}/execute`,
    ];
  }
  if (endpoints.rpc === null) {
    if (endpoints.pipe === null) return [];
    const line = '{"command": "eval", "payload": {"expression": "6 * 7"}}';
    return ['', 'A first call:', `  echo '${line}' | nc -U ${shellQuoted(endpoints.pipe)}`];
  }
  const address = endpoints.rpc.replace(/^http:\/\//, '');
  return [
    '',
    'A first call:',
    `  grpcurl -plaintext ${header}-d '{"code": "6 * 7"}' ${address} beep.python.v1.ExecuteService/Run`,
  ];
}

/** Inside double quotes already, so a plain path stays plain. */
function shellQuoted(path: string): string {
  return /^[\w./@%+=:,-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
