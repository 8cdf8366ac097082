/** Processes of this machine, as the kernel shows them. */
import { readdirSync, readFileSync } from 'node:fs';

/** One process; a number that the kernel gives to another one later is not the same process. */
export interface ProcessIdentity {
  readonly pid: number;
  /** In clock ticks since the boot. */
  readonly startTime: string;
  readonly commandLine: string;
}

/** All that descends from a process, without it. */
export function processesBelow(pid: number): ProcessIdentity[] {
  const found = childrenOf(pid);
  for (const child of found) found.push(...childrenOf(child)); // grows while it is walked
  return found.map(identify).filter((process) => process !== undefined);
}

/** Which of these still run. One that has ended and waits to be reaped does not. */
export function stillRunning(processes: readonly ProcessIdentity[]): ProcessIdentity[] {
  return processes.filter(({ pid, startTime }) => identify(pid)?.startTime === startTime);
}

/** All processes that have an argument with this text in it. */
export function processesMarked(marker: string): ProcessIdentity[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => identify(Number(name)))
    .filter((process) => process?.commandLine.includes(marker) === true) as ProcessIdentity[];
}

function childrenOf(pid: number): number[] {
  const tasks = `/proc/${pid}/task`;
  return read(() => readdirSync(tasks), []).flatMap((task) =>
    read(() => readFileSync(`${tasks}/${task}/children`, 'utf8'), '')
      .split(' ')
      .filter((text) => text !== '')
      .map(Number),
  );
}

function identify(pid: number): ProcessIdentity | undefined {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'), '');
  // The name in it may hold anything; what follows its last bracket is fixed: state first, the start is the 20th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (stat === '' || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  const commandLine = read(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'), '').replaceAll('\0', ' ');
  return { pid, startTime: fields[19] as string, commandLine };
}

/** A process may end while it is looked at. */
function read<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}

/** The parent of a process. */
export function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}
