import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const isWindows = process.platform === 'win32';

/** Path of the environment that generates Python code, made when it is missing or when its pins have changed. */
export function ensureVenv(root) {
  const venv = join(root, '.cache', 'codegen');
  const pins = readFileSync(join(root, 'scripts', 'generate', 'requirements.txt'), 'utf8');
  // Written last, so that an interrupted installation is begun again.
  const marker = join(venv, 'installed.txt');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === pins) return venv;
  console.error('making the environment that generates Python code');
  rmSync(venv, { recursive: true, force: true });
  run(findPython(), ['-m', 'venv', venv]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:'];
  run(join(programsFolder(venv), 'python'), [...pip, '-r', join(root, 'scripts', 'generate', 'requirements.txt')]);
  writeFileSync(marker, pins);
  return venv;
}

/** Folder of the programs of an environment. */
export function programsFolder(venv) {
  return join(venv, isWindows ? 'Scripts' : 'bin');
}

function findPython() {
  const names = isWindows ? ['py', 'python'] : ['python3.13', 'python3.12', 'python3.11', 'python3'];
  const isRecent = 'import sys, venv; sys.exit(sys.version_info < (3, 11))';
  const found = names.find((name) => spawnSync(name, ['-c', isRecent]).status === 0);
  if (!found) throw new Error(`no python 3.11 or newer on the path; looked for ${names.join(', ')}`);
  return found;
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed`, { cause: error });
}
