import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildVenv } from './build-venv.js';
import { findPython, pythonAt } from './find-python.js';
import { installNodeModules, npmCommand } from './install-node-modules.js';
import { acquireSetupLock } from './lock.js';
import { areNodeModulesReady } from './node-modules-stamp.js';
import { obtainPython } from './obtain-python.js';
import { PythonMissing } from './problem.js';
import { step } from './progress.js';
import { isVenvReady } from './venv-stamp.js';

/** Builds what is missing. All that the machine must bring is looked for first, so that nothing is half done without it. */
export async function install({ root, needsModules, venvs, home, isAgreed }) {
  const npm = needsModules ? await npmCommand() : undefined;
  const command = existsSync(join(root, 'src', 'main.ts'))
    ? `node ${join(root, 'scripts', 'enter.js')}`
    : 'beep-python';
  const python = await pythonFor({ home, isAgreed, command });
  if (needsModules) {
    await locked(python, join(root, '.beep-setup', 'npm.lock'), async (lock) => {
      if (!areNodeModulesReady(root)) await step('installing npm packages', () => installNodeModules(root, npm, lock));
    });
  }
  for (const plan of venvs) {
    mkdirSync(dirname(plan.link), { recursive: true, mode: 0o700 });
    await locked(python, `${plan.link}.lock`, async (lock) => {
      if (!isVenvReady(plan))
        await step(`building the ${plan.purpose} environment`, () => buildVenv(plan, python, lock, command));
    });
  }
}

/** The machine's, or one that is downloaded where there is none and somebody wants it. */
async function pythonFor(options) {
  const describe = (found) => `Python ${found.version} at ${found.path}`;
  try {
    return await step('finding Python', findPython, describe);
  } catch (missing) {
    if (!(missing instanceof PythonMissing) || options.home === undefined) throw missing;
    return await pythonAt(await obtainPython(options, missing));
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
