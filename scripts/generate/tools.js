import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isVenvReady, venvPlan } from '../setup/venv-stamp.js';

/** The repository. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Folder of the programs of the environment that has grpcio-tools: the one that tests run in, built where it is missing. */
export async function codegenVenv() {
  const plan = venvPlan('test', root, join(root, '.cache', 'test-venv'));
  if (!isVenvReady(plan)) {
    const { install } = await import('../setup/install.js');
    await install({ root, needsModules: false, venvs: [plan] });
  }
  return join(plan.link, 'bin');
}

/** Exit code of buf, which finds our plugins first on its path. */
export function runBuf(args, ...programFolders) {
  const path = [join(root, 'node_modules', '.bin'), dirname(process.execPath), ...programFolders, process.env.PATH];
  const { status, error } = spawnSync(
    process.execPath,
    [join(root, 'node_modules', '@bufbuild', 'buf', 'bin', 'buf'), ...args],
    {
      cwd: root,
      env: { ...process.env, PATH: path.join(delimiter) },
      stdio: 'inherit',
    },
  );
  if (error) throw error;
  return status ?? 1;
}

/** Exit code of a script run by the Python of a folder of programs. */
export function runPython(script, args, programFolder) {
  const { status, error } = spawnSync(join(programFolder, 'python'), [script, ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (error) throw error;
  return status ?? 1;
}
