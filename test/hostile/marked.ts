/** Code that leaves processes behind, each with an argument that the test finds it by. */
import { processesMarked } from '../support/processes.ts';
import { until } from '../support/until.ts';

/** Python that starts a daemon: forked twice, in a session of its own, deaf to polite signals, with nothing of ours open. */
export function startDaemon(marker: string): string {
  return [
    'import os, signal, sys',
    'if os.fork() == 0:',
    '    os.setsid()',
    '    if os.fork() == 0:',
    '        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)',
    '        os.chdir("/")',
    '        os.closerange(0, 256)',
    `        os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)", ${JSON.stringify(marker)}])`,
    '    os._exit(0)',
    'os.wait()',
    'print("daemon")\n',
  ].join('\n');
}

/** Resolves when so many of them run. */
export function untilMarked(marker: string, count: number, withinMs?: number): Promise<void> {
  return until(`${count} processes run under ${marker}`, () => processesMarked(marker).length === count, withinMs);
}
