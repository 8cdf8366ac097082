import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SetupProblem } from './problem.js';

/** The first major version that runs our TypeScript as it is. */
const requiredMajor = 24;

/** The Node to run on: undefined for the running one, else the path of the one that npm installed. */
export function chooseNode(root) {
  if (Number(process.versions.node.split('.')[0]) >= requiredMajor) return undefined;
  const path = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(path)) return path;
  throw new SetupProblem(
    `Node ${requiredMajor} or newer is needed and npm has none for ${process.platform}-${process.arch}: ` +
      `this is Node ${process.versions.node}; install Node ${requiredMajor}.`,
  );
}
