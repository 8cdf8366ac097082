/** What a gateway leaves that was killed together with the keepers of its workers, who would have ended it. */
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { errors } from '../errors.ts';

const endTimeoutMs = 5_000;

/**
 * Ends what an earlier gateway of this home, which holds the home's lock no more, has left: all that began with a folder
 * for temporary files in this one. Answers how many there were. Throws START_FAILED where something does not end.
 */
export async function endLeftovers(sessionsFolder: string): Promise<number> {
  const ended = new Set<string>();
  const limit = performance.now() + endTimeoutMs;
  for (let left = await marked(sessionsFolder); left.length > 0; left = await marked(sessionsFolder)) {
    if (performance.now() > limit) {
      const pids = left.map(({ pid }) => pid).join(', ');
      throw errors.startFailed(
        'the gateway',
        `processes of an earlier one do not end: ${pids}; end them and start again`,
      );
    }
    for (const { pid, startedAt } of left) {
      // Another process may have got the number by now.
      if (!isMarked(pid, sessionsFolder) || startTime(pid) !== startedAt) continue;
      ended.add(`${pid} ${startedAt}`);
      try {
        process.kill(pid, 'SIGKILL');
      } catch {} // it has ended
    }
    await setImmediate(); // they end by themselves now, and take no turn of ours
  }
  return ended.size;
}

interface Process {
  readonly pid: number;
  readonly startedAt: string;
}

async function marked(folder: string): Promise<Process[]> {
  const ours = ancestors();
  return (await readdir('/proc'))
    .map(Number)
    .filter((pid) => pid > 1 && !ours.has(pid) && isMarked(pid, folder))
    .map((pid) => ({ pid, startedAt: startTime(pid) }));
}

/** What a process began with; a zombie has none, nor has one of another user's that may be looked at. */
function isMarked(pid: number, folder: string): boolean {
  try {
    const environment = `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`;
    const mark = `\0TMPDIR=${Buffer.from(folder).toString('latin1')}`;
    return environment.includes(`${mark}/`) || environment.includes(`${mark}\0`);
  } catch {
    return false;
  }
}

function startTime(pid: number): string {
  return fields(pid)[19] ?? '';
}

/** This process and all above it: a gateway may have been started by code of an earlier one's sessions. */
function ancestors(): ReadonlySet<number> {
  const found = new Set<number>();
  for (let pid = process.pid; pid > 0 && !found.has(pid); pid = Number(fields(pid)[1] ?? 0)) found.add(pid);
  return found;
}

/** Of /proc/<pid>/stat, from the process's state on: its name before that may hold anything. */
function fields(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
