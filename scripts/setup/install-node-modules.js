import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { stampNodeModules } from './node-modules-stamp.js';
import { SetupProblem } from './problem.js';
import { firstLines, run } from './run.js';

// Everything in the lock, whatever the machine's settings leave out: the tests need the development packages, and the
// Node that we run on is an optional one. No install script of a package runs.
const options = [
  '--no-audit',
  '--no-fund',
  '--ignore-scripts',
  '--include=dev',
  '--include=optional',
  '--no-engine-strict',
  '--loglevel=error',
];

/** How npm is called: as the npm that runs us, else the one on the PATH. */
export async function npmCommand() {
  const own = process.env.npm_execpath;
  if (own?.endsWith('.js')) return [process.env.npm_node_execpath ?? process.execPath, own];
  const { code } = await run('npm', ['--version']);
  if (code !== 0)
    throw new SetupProblem('npm is needed and was not found on the PATH: install it, it comes with Node.');
  return ['npm'];
}

/** Installs what the lock file says, nothing else. */
export async function installNodeModules(root, [command, ...args], lock) {
  refuseLink(join(root, 'node_modules'));
  const { code, output } = await run(command, [...args, 'ci', ...options], { cwd: root, fd: lock.fd });
  if (code !== 0)
    throw new SetupProblem(
      `npm could not install the packages in ${join(root, 'package-lock.json')}:\n${firstLines(output)}`,
    );
  stampNodeModules(root);
}

/** `npm ci` empties the folder first: behind a link that is somebody else's, who may be working with it. */
function refuseLink(folder) {
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  throw new SetupProblem(
    `${folder} is a link, and npm would empty the folder behind it: remove the link and start again.`,
  );
}
