import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { PythonMissing, SetupProblem } from './problem.js';
import { run } from './run.js';

const names = ['python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3', 'python'];

// Run rather than believed: a name on the PATH may be a shim of a version manager that leads nowhere, and a
// distribution may ship Python without what it takes to make environments.
const probe = `
import json, sys
missing = []
for name in ("venv", "ensurepip", "ssl", "fcntl"):
    try:
        __import__(name)
    except ImportError:
        missing.append(name)
print(json.dumps({
    "path": getattr(sys, "_base_executable", None) or sys.executable,
    "version": "%d.%d.%d" % sys.version_info[:3],
    "isNewEnough": sys.version_info >= (3, 11),
    "implementation": sys.implementation.name,
    "missing": missing,
}))
`;

/** One interpreter by its path. Throws where it will not do. */
export async function pythonAt(path) {
  const found = await examine(path);
  if (found.why === undefined) return found;
  throw new SetupProblem(`${path} will not do: it ${found.why}; remove it, and try again.`);
}

/** The Python to build our own environments from: BEEP_PYTHON if set, else the newest suitable one on the PATH. */
export async function findPython() {
  const chosen = process.env.BEEP_PYTHON;
  const rejected = [];
  for (const path of chosen ? [chosen] : onPath()) {
    const found = await examine(path);
    if (found.why === undefined) return found;
    rejected.push(`  ${path}: ${found.why}`);
  }
  const asked = chosen ? 'BEEP_PYTHON names one that will not do' : 'none was found on the PATH';
  const hint = chosen ? '' : '; install it, or set BEEP_PYTHON to its path';
  const Problem = chosen ? SetupProblem : PythonMissing;
  throw new Problem(
    [`Python 3.11 or newer is needed, with venv, and ${asked}${hint}${rejected.length ? ':' : '.'}`, ...rejected].join(
      '\n',
    ),
  );
}

/** What an interpreter is; with `why` where it will not do. */
async function examine(path) {
  const { code, output } = await run(path, ['-I', '-S', '-c', probe]);
  const answer = parse(output);
  if (code !== 0 || answer === undefined)
    return { why: `does not run (${output.trim().split('\n')[0] || `exit code ${code}`})` };
  if (!answer.isNewEnough) return { why: `is Python ${answer.version}` };
  if (answer.implementation !== 'cpython') return { why: `is ${answer.implementation}, not CPython` };
  if (answer.missing.length > 0)
    return { why: `has no ${answer.missing.join(', ')} (a package such as python3-venv may bring it)` };
  return { path: answer.path, version: answer.version };
}

function parse(output) {
  try {
    return JSON.parse(output.trim().split('\n').at(-1));
  } catch {
    return undefined;
  }
}

/** Every candidate, newest name first, and for each name in the order of the PATH. */
function onPath() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(isAbsolute);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).filter(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
