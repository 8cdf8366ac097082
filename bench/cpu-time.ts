/** CPU time of processes by the scheduler's count, which other work on the machine changes little. Linux alone has it. */
import { readdirSync, readFileSync } from 'node:fs';

/** CPU time of a process so far, all of its threads together, in microseconds. */
export function cpuTimeUs(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ', 1)[0]);
  }
  return nanoseconds / 1000;
}

/** The process that started another one. */
export function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name before it, in parentheses, may hold anything.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}
