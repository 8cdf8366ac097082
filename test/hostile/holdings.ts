/** What a gateway and all below it hold of the machine. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { TestGateway } from '../support/gateway.ts';
import { processesBelow } from '../support/processes.ts';
import { listWorkers } from '../support/workers.ts';
import { memoryBytes } from './memory.ts';

/** What can be counted; of each process that lasts (the gateway, workers, templates) by its name. */
export interface Holdings {
  /** Without connections that a caller keeps open. */
  readonly descriptors: Readonly<Record<string, number>>;
  readonly threads: Readonly<Record<string, number>>;
  readonly memory: Readonly<Record<string, number>>;
  readonly processes: number;
  /** Files and folders of sessions and logs. */
  readonly files: number;
}

/** Processes by their names. */
export type Lasting = readonly (readonly [name: string, pid: number])[];

/** Those that are there as long as the gateway is. */
export async function lastingProcesses(gateway: TestGateway): Promise<Lasting> {
  const workers = await listWorkers(gateway);
  return [
    ['gateway', gateway.pid],
    ...workers.map(({ pid }) => [`worker ${pid}`, pid] as const),
    ...workers.flatMap(({ templatePids }) => templatePids.map((pid) => [`template ${pid}`, pid] as const)),
  ];
}

/** What is held now. To look is no call on the gateway, which would keep connections open. */
export function holdings(gateway: TestGateway, lasting: Lasting): Holdings {
  const connections = establishedConnections();
  const ofEach = (look: (pid: number) => number) => Object.fromEntries(lasting.map(([name, pid]) => [name, look(pid)]));
  return {
    descriptors: ofEach((pid) => descriptorsOf(pid, connections)),
    threads: ofEach((pid) => readdirSync(`/proc/${pid}/task`).length),
    memory: ofEach(memoryBytes),
    processes: processesBelow(gateway.pid).length,
    files: readdirSync(join(gateway.home, 'run'), { recursive: true }).length,
  };
}

function descriptorsOf(pid: number, except: ReadonlySet<string>): number {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((name) => {
    try {
      return !except.has(readlinkSync(`${folder}/${name}`));
    } catch {
      return false; // closed meanwhile
    }
  }).length;
}

/** TCP connections with both ends there, as descriptors lead to them. */
function establishedConnections(): ReadonlySet<string> {
  const rows = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1);
  // Fields as proc(5) has them: the state is the fourth (01 is established), the inode the tenth.
  const fields = rows.map((row) => row.trim().split(/\s+/)).filter((row) => row[3] === '01');
  return new Set(fields.map((row) => `socket:[${row[9]}]`));
}

/** What of it is more than it was, but for memory and threads, in words. */
export function grown(before: Holdings, now: Holdings): string[] {
  const numbers = ({ descriptors, processes, files }: Holdings) => ({
    ...Object.fromEntries(Object.entries(descriptors).map(([name, count]) => [`descriptors of ${name}`, count])),
    processes,
    files,
  });
  const earlier: Record<string, number> = numbers(before);
  return Object.entries(numbers(now))
    .filter(([name, count]) => count > (earlier[name] ?? 0))
    .map(([name, count]) => `${name}: ${earlier[name] ?? 0} before, ${count} now`);
}
