import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chooseNode } from './choose-node.js';
import { handOver } from './hand-over.js';
import { areNodeModulesReady } from './node-modules-stamp.js';
import { SetupProblem } from './problem.js';
import { isVenvReady, venvPlan } from './venv-stamp.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Makes sure that everything is there that the command needs, then runs it; `setup` is the first half alone. */
export async function enterCommand(args) {
  try {
    const isSoak = args[0] === 'soak';
    const isTest = args[0] === 'test' || isSoak;
    const isBench = args[0] === 'bench';
    const home = isTest
      ? join(root, '.cache', 'home')
      : isBench
        ? join(root, '.cache', 'bench', 'home')
        : homeFolder(args);
    const venvs = [venvPlan('admin', root, join(home, 'admin'))];
    if (isTest) venvs.push(venvPlan('test', root, join(root, '.cache', 'test-venv')));
    await setUp(venvs, { home, isAgreed: args[0] === 'init' && args.some((arg) => arg === '--yes' || arg === '-y') });
    if (args[0] === 'setup') return;
    if (isTest || isBench) {
      process.env.BEEP_PYTHON_HOME = home;
      const main = isTest ? join('scripts', 'test', isSoak ? 'soak.ts' : 'main.ts') : join('bench', 'main.ts');
      await handOver(chooseNode(root), join(root, main), args.slice(1));
    } else {
      await handOver(chooseNode(root), join(root, 'src', 'main.ts'), args);
    }
  } catch (problem) {
    if (!(problem instanceof SetupProblem)) throw problem;
    console.error(`beep-python: ${problem.message}`);
    process.exitCode = 1;
  }
}

/** Decides by the stamps alone; what builds is loaded only when something has to be built. */
async function setUp(venvs, whose) {
  const missingVenvs = venvs.filter((plan) => !isVenvReady(plan));
  const needsModules = !areNodeModulesReady(root);
  if (!needsModules && missingVenvs.length === 0) return;
  const { install } = await import('./install.js');
  await install({ root, needsModules, venvs: missingVenvs, ...whose });
}

function homeFolder(args) {
  const at = args.findIndex((arg) => arg === '--home' || arg.startsWith('--home='));
  const flag = at < 0 ? undefined : args[at] === '--home' ? args[at + 1] : args[at].slice('--home='.length);
  return resolve(flag || process.env.BEEP_PYTHON_HOME || join(homedir(), '.beep-python'));
}
