import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digest, readStamp } from './stamp.js';

/** Raised when the way in which a venv is built changes. */
const format = '1';

/** What a virtual environment of ours should be: `link` is its path, `purpose` names its requirements. */
export function venvPlan(purpose, root, link) {
  const requirements = join(root, 'python', 'requirements', `${purpose}.txt`);
  const python = process.env.BEEP_PYTHON || undefined;
  return { purpose, link, requirements, python, digest: digest(format, readFileSync(requirements, 'utf8')) };
}

/** The stamp lies in the venv, and is written last but for the link. */
export function venvStampPath(venv) {
  return join(venv, 'beep-python.json');
}

/** Whether the environment is there, whole, of these requirements and of the interpreter asked for, if any. */
export function isVenvReady(plan) {
  const stamp = readStamp(venvStampPath(plan.link));
  if (stamp?.digest !== plan.digest) return false;
  if (plan.python !== undefined && plan.python !== stamp.requestedPython) return false;
  // Follows the link to the interpreter that it was made from, which may have been removed since.
  return existsSync(join(plan.link, 'bin', 'python'));
}
