/** Python interpreters on this machine: where they may be, and what each says about itself. */
import { access, constants, readdir, realpath } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { errors } from '../errors.ts';
import { type ProbedRuntime, probeRuntime } from './probe.ts';

/** Where an interpreter was found. */
export type RuntimeSource = 'managed' | 'path' | 'pyenv' | 'conda' | 'system';

/** An interpreter that was found. */
export interface FoundRuntime extends ProbedRuntime {
  readonly source: RuntimeSource;
  /** Why it cannot be used; undefined if it can. */
  readonly whyNot: string | undefined;
}

/** Where to look. */
export interface FindOptions {
  /** Folder of the interpreters that we installed. */
  readonly managedFolder: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

const fileName = /^(python|python3|python3\.[0-9]+|pypy3|pypy3\.[0-9]+)$/;
const systemFolders = ['/usr/local/bin', '/usr/bin', '/opt/homebrew/bin'];
const probedAtOnce = 4;

/** Every interpreter, each once; those that do not run are told with the reason. */
export async function findRuntimes(options: FindOptions): Promise<FoundRuntime[]> {
  const candidates = await candidatePaths(options);
  const found: FoundRuntime[] = [];
  const waiting = [...candidates];
  const probeNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const probed = await probeRuntime(next.path);
      if (probed !== undefined) found.push({ ...probed, source: next.source, whyNot: whyNotUsable(probed) });
    }
  };
  await Promise.all(Array.from({ length: probedAtOnce }, probeNext));
  return found.sort(newestFirst);
}

/** The newest released CPython that can be used; throws RUNTIME_NOT_FOUND with what was rejected and why. */
export function newestSuitable(runtimes: readonly FoundRuntime[]): FoundRuntime {
  const suitable = runtimes.find(
    (runtime) => runtime.whyNot === undefined && runtime.implementation === 'cpython' && runtime.isPlainRelease,
  );
  if (suitable !== undefined) return suitable;
  const rejected = runtimes.map(({ version, whyNot, implementation }) => `${version} (${whyNot ?? implementation})`);
  throw errors.runtimeNotFound('CPython >=3.9', `found: ${rejected.join(', ') || 'none'}; install one`);
}

function whyNotUsable(runtime: ProbedRuntime): string | undefined {
  const [major = 0, minor = 0] = runtime.version.split('.').map(Number);
  if (major !== 3 || minor < 9) return `version ${runtime.version} is older than 3.9`;
  if (runtime.missingModules.length > 0) return `has no ${runtime.missingModules.join(', ')}`;
  return undefined;
}

function newestFirst(a: FoundRuntime, b: FoundRuntime): number {
  const order = b.version.localeCompare(a.version, 'en', { numeric: true });
  return order !== 0 ? order : a.path.localeCompare(b.path);
}

async function candidatePaths(options: FindOptions): Promise<{ path: string; source: RuntimeSource }[]> {
  const { env } = options;
  const pyenv = env.PYENV_ROOT ?? join(env.HOME ?? '/', '.pyenv');
  const onPath = (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => isAbsolute(folder) && !folder.startsWith(join(pyenv, 'shims')));
  const conda = [env.CONDA_PREFIX, join(env.HOME ?? '/', 'miniconda3'), join(env.HOME ?? '/', 'anaconda3')].filter(
    (folder) => folder !== undefined,
  );
  const places: [RuntimeSource, string[]][] = [
    ['managed', await binFoldersIn(options.managedFolder)],
    ['pyenv', await binFoldersIn(join(pyenv, 'versions'))],
    ['path', onPath],
    ['conda', conda.map((folder) => join(folder, 'bin'))],
    ['system', systemFolders],
  ];
  const bySource = new Map<string, { path: string; source: RuntimeSource }>();
  for (const [source, folders] of places) {
    for (const path of (await Promise.all(folders.map(interpretersIn))).flat()) {
      const real = await realpath(path).catch(() => undefined);
      if (real !== undefined && !bySource.has(real)) bySource.set(real, { path: real, source });
    }
  }
  return [...bySource.values()];
}

async function binFoldersIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.map((name) => join(folder, name, 'bin'));
}

async function interpretersIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const paths = names.filter((name) => fileName.test(name)).map((name) => join(folder, name));
  const runnable = await Promise.all(
    paths.map((path) =>
      access(path, constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return paths.filter((_, index) => runnable[index]);
}
