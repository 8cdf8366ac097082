/** Which process listens on a port, as far as the system lets this user see. */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { commandLineOf, gatewayVerbs } from './running-gateway.ts';

const listening = '0A';

/** Such as `process 4711 (beep-python start)`, or `another program` where it is another user's; undefined: nobody, or not Linux. */
export function portHolder(port: number): string | undefined {
  try {
    const sockets = new Set(['tcp', 'tcp6'].flatMap((name) => socketsOn(port, name)));
    if (sockets.size === 0) return undefined;
    for (const pid of readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))) {
      if (!holdsOne(pid, sockets)) continue;
      return `process ${pid} (${calledAs(commandLineOf(Number(pid)) ?? [])})`;
    }
    return 'another program';
  } catch {
    // Nothing that would be worth an error of its own.
  }
  return undefined;
}

/** What a person would have typed, without paths, and no more of it than tells what it is. */
export function calledAs([program = '', ...args]: readonly string[]): string {
  const [script = ''] = args;
  const isOurs = script === process.argv[1] || /(^|[/\\])beep-python([/\\]|$)/.test(script);
  const verb = args.find((word) => gatewayVerbs.includes(word));
  if (isOurs && verb !== undefined) return `beep-python ${verb}`;
  const told = [basename(program), ...args.slice(0, 2)].join(' ').trim();
  // What others wrote must not move the cursor.
  return told.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ').slice(0, 80) || 'of this user';
}

/** Links of the sockets that listen on the port: the columns are sl, local address, remote address, state, ... inode. */
function socketsOn(port: number, table: string): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return readFileSync(`/proc/net/${table}`, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(`:${hex}`) && state === listening)
    .map((columns) => `socket:[${columns[9]}]`);
}

function holdsOne(pid: string, sockets: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return sockets.has(readlinkSync(`/proc/${pid}/fd/${fd}`));
      } catch {
        return false; // closed meanwhile
      }
    });
  } catch {
    return false; // another user's, or gone
  }
}
