/** The gateway process of a home. */
import { readFileSync } from 'node:fs';
import { type GatewayFile, gatewayFilePath } from './gateway-file.ts';

/** What is known of the gateway of a home; undefined: none runs. A file that a dead one left does not count. */
export function runningGateway(home: string): GatewayFile | undefined {
  try {
    const file = JSON.parse(readFileSync(gatewayFilePath(home), 'utf8')) as GatewayFile;
    return isGateway(file.pid) ? file : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a process is there, and is a gateway: another program may have got the number of a dead one. */
export function isGateway(pid: number): boolean {
  if (!isAlive(pid)) return false;
  const words = commandLineOf(pid);
  return words === undefined || words.some((word) => gatewayVerbs.includes(word));
}

/** What a gateway is started by. */
export const gatewayVerbs: readonly string[] = ['start', 'run', 'serve'];

/** The words that a process was started with; undefined where the system does not say. */
export function commandLineOf(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return undefined;
  }
}

/** Whether a process runs; a dead one that its parent has not asked about does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}
