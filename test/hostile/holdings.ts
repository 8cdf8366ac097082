/** What a gateway and all below it hold of the machine. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestGateway } from '../support/gateway.ts';
import { processesBelow } from '../support/processes.ts';
import { listWorkers } from '../support/workers.ts';
import { memoryBytes } from './memory.ts';

/** What can be counted; of each process that lasts (the gateway, workers, templates) by its name. */
export interface Holdings {
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
  const ofEach = (look: (pid: number) => number) => Object.fromEntries(lasting.map(([name, pid]) => [name, look(pid)]));
  return {
    descriptors: ofEach((pid) => readdirSync(`/proc/${pid}/fd`).length),
    threads: ofEach((pid) => readdirSync(`/proc/${pid}/task`).length),
    memory: ofEach(memoryBytes),
    processes: processesBelow(gateway.pid).length,
    files: readdirSync(join(gateway.home, 'run'), { recursive: true }).length,
  };
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
