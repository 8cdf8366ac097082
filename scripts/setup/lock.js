import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { SetupProblem } from './problem.js';
import { note } from './progress.js';
import { run } from './run.js';

// Node cannot call flock, but a lock belongs to the open file and not to the process that asked for it: a short-lived
// Python takes it on the descriptor that it inherits from us, and it stays until we, and all who inherit it, are gone.
const take = (flags) => `import fcntl; fcntl.flock(3, ${flags})`;

/** Takes a lock that the kernel frees when its holders end, however they end; waits for those who have it. */
export async function acquireSetupLock(path, python) {
  const fd = openSync(path, 'a', 0o600);
  const stdio = ['ignore', 'ignore', 'ignore', fd];
  const now = spawnSync(python, ['-I', '-S', '-c', take('fcntl.LOCK_EX | fcntl.LOCK_NB')], { stdio });
  if (now.status !== 0) {
    note('another set-up is at work: waiting for it');
    const { code } = await run(python, ['-I', '-S', '-c', take('fcntl.LOCK_EX')], { fd });
    if (code !== 0) throw new SetupProblem(`cannot lock ${path}.`);
  }
  return { fd, release: () => closeSync(fd) };
}
