import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildVenv } from './build-venv.js';
import { findPython } from './find-python.js';
import { installNodeModules, npmCommand } from './install-node-modules.js';
import { acquireSetupLock } from './lock.js';
import { areNodeModulesReady } from './node-modules-stamp.js';
import { step } from './progress.js';
import { isVenvReady } from './venv-stamp.js';

/** Builds what is missing. All that the machine must bring is looked for first, so that nothing is half done without it. */
export async function install({ root, needsModules, venvs }) {
  const npm = needsModules ? await npmCommand() : undefined;
  const python = await step('finding Python', findPython, (found) => `Python ${found.version} at ${found.path}`);
  if (needsModules) {
    await locked(python, join(root, '.beep-setup', 'npm.lock'), async (lock) => {
      if (!areNodeModulesReady(root)) await step('installing npm packages', () => installNodeModules(root, npm, lock));
    });
  }
  for (const plan of venvs) {
    mkdirSync(dirname(plan.link), { recursive: true, mode: 0o700 });
    await locked(python, `${plan.link}.lock`, async (lock) => {
      if (!isVenvReady(plan))
        await step(`building the ${plan.purpose} environment`, () => buildVenv(plan, python, lock));
    });
  }
}

/** Two set-ups at once do the work once: the second waits, then finds it done. */
async function locked(python, path, work) {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const lock = await acquireSetupLock(path, python.path);
  try {
    await work(lock);
  } finally {
    lock.release();
  }
}
