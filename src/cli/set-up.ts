/** Makes what a home needs before a gateway can run on it: the environment of the gateway itself. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CliFailure } from './failure.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The set-up of the repository is plain JavaScript, since it runs before anything is installed; this is the part of a home. */
async function scripts() {
  const load = async (name: string) => await import(new URL(`../../scripts/setup/${name}.js`, import.meta.url).href);
  const [{ venvPlan, isVenvReady }, { install }, { SetupProblem }] = await Promise.all(
    ['venv-stamp', 'install', 'problem'].map(load),
  );
  return { venvPlan, isVenvReady, install, SetupProblem };
}

/** Whether there is nothing to do. */
export async function isSetUp(home: string): Promise<boolean> {
  const { venvPlan, isVenvReady } = await scripts();
  return isVenvReady(venvPlan('admin', root, join(home, 'admin')));
}

/** Makes it; says each step. A Python is downloaded where there is none, if that is agreed to. Throws with the next step. */
export async function setUp(home: string, isAgreed = false): Promise<void> {
  const { venvPlan, install, SetupProblem } = await scripts();
  try {
    await install({ root, needsModules: false, venvs: [venvPlan('admin', root, join(home, 'admin'))], home, isAgreed });
  } catch (problem) {
    if (problem instanceof SetupProblem) throw new CliFailure((problem as Error).message);
    throw problem;
  }
}
