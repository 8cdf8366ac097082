/** Environments made once by hand, as a user would have made them long before this gateway came. */
import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { waitForLock } from '../../src/venvs/changes/lock.ts';
import { root, sharedAdminFolder } from '../integration/setup/test-home.ts';

const run = promisify(execFile);
const version = '2.3.3';
const scikitLearnVersion = '1.7.2';
/** How long the package index and the disk may take, the first time. */
export const buildTimeoutMs = 300_000;

/** Its folder; built if it is not there, or not whole. */
export function pandasEnvironment(): Promise<string> {
  return environment('test-pandas', [`pandas==${version}`], `import pandas; assert pandas.__version__ == "${version}"`);
}

/** An environment with scikit-learn; its folder. */
export function scikitLearnEnvironment(): Promise<string> {
  const check = `import sklearn; assert sklearn.__version__ == "${scikitLearnVersion}"`;
  return environment('test-scikit-learn', [`scikit-learn==${scikitLearnVersion}`], check);
}

/** An environment with all libraries whose preloading is promised, in their newest versions; its folder. */
export function scientificEnvironment(): Promise<string> {
  const modules = 'numpy, scipy, sklearn, pandas, pyarrow, matplotlib';
  const packages = ['numpy', 'scipy', 'scikit-learn', 'pandas', 'pyarrow', 'matplotlib'];
  return environment('test-scientific', packages, `import ${modules}`);
}

/** An environment with polars, and without pyarrow; its folder. */
export function polarsEnvironment(): Promise<string> {
  return environment('test-polars', ['polars==2.1.0'], 'import polars; assert polars.__version__ == "2.1.0"');
}

/** An environment with schemathesis, which calls an API as its description allows, and as it does not; its folder. */
export function schemathesisEnvironment(): Promise<string> {
  // With what makes its cases, so that a seed gives the same ones.
  const packages = ['schemathesis==4.32.5', 'hypothesis==6.170.15', 'jsonschema-rs==0.60.3'];
  const check = 'import schemathesis; assert schemathesis.__version__ == "4.32.5"';
  return environment('test-schemathesis', packages, check);
}

const made = new Map<string, Promise<string>>();

/** Importing everything to see whether it is whole takes seconds: it is looked at once, and then marked. */
function environment(name: string, packages: readonly string[], check: string): Promise<string> {
  const folder = made.get(name) ?? whole(join(root, '.cache', name), packages, check);
  made.set(name, folder);
  return folder;
}

async function whole(folder: string, packages: readonly string[], check: string): Promise<string> {
  const mark = join(folder, 'whole.json');
  const facts = JSON.stringify(packages);
  const isMarked = async () => (await isWhole(folder, '')) && (await readFile(mark, 'utf8').catch(() => '')) === facts;
  if (await isMarked()) return folder;
  const admin = sharedAdminFolder();
  using _ = await waitForLock(`${folder}.lock`, join(admin, 'bin', 'python'));
  if (await isMarked()) return folder;
  if (!(await isWhole(folder, check))) await build(folder, packages, admin);
  if (!(await isWhole(folder, check))) throw new Error(`${folder} lacks what was installed: ${packages.join(' ')}`);
  await writeFile(mark, facts);
  return folder;
}

async function build(folder: string, packages: readonly string[], admin: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  const uv = (...args: string[]) =>
    run(join(admin, 'bin', 'uv'), args, {
      env: { ...process.env, UV_CACHE_DIR: process.env.BEEP_PYTHON_PACKAGE_CACHE, UV_NO_CONFIG: '1' },
      timeout: buildTimeoutMs,
    });
  await uv('venv', '--quiet', '--no-project', '--python', join(admin, 'bin', 'python'), folder);
  await uv('pip', 'install', '--quiet', '--python', join(folder, 'bin', 'python'), ...packages);
}

async function isWhole(folder: string, check: string): Promise<boolean> {
  return run(join(folder, 'bin', 'python'), ['-I', '-c', check]).then(
    () => true,
    () => false,
  );
}
