/** Where Python interpreters may lie on this machine. Nothing is started to find that out. */
import { access, constants, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path';

/** Where an interpreter was found. */
export type RuntimeSource = 'managed' | 'path' | 'pyenv' | 'conda' | 'system';

/** A file that may be an interpreter. */
export interface Candidate {
  /** With every link followed; that of the link where it leads nowhere. */
  readonly path: string;
  readonly source: RuntimeSource;
  /** Why it cannot be started; undefined if it can be tried. */
  readonly problem: string | undefined;
  /** Changes when the file does. */
  readonly stamp: string;
}

/** Where to look. */
export interface CandidateOptions {
  /** Folder of the interpreters that we installed. */
  readonly managedFolder: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Folders to look into whatever the variables say; those that are usual where not given. */
  readonly systemFolders?: readonly string[];
}

const fileName = /^(python|python[23]|python[23]\.[0-9]+t?|pypy3|pypy3\.[0-9]+)$/;
const usualFolders = ['/usr/local/bin', '/usr/bin', '/opt/homebrew/bin'];
// Folders that hold one folder for each version.
const versionFolders = [
  '.local/share/uv/python',
  '.asdf/installs/python',
  '.local/share/mise/installs/python',
  '/opt/python',
  '/Library/Frameworks/Python.framework/Versions',
];
const condaFolders = ['miniconda3', 'anaconda3', 'miniforge3', 'mambaforge'];

/** Every file that may be an interpreter, each once however many links lead to it, in the order of the sources. */
export async function findCandidates(options: CandidateOptions): Promise<Candidate[]> {
  const found = new Map<string, Candidate>();
  for (const [source, folders] of await placesOf(options)) {
    for (const paths of await Promise.all(folders.map(interpretersIn))) {
      for (const candidate of await Promise.all(paths.map((path) => candidateAt(path, source)))) {
        if (candidate !== undefined && !found.has(candidate.path)) found.set(candidate.path, candidate);
      }
    }
  }
  return [...found.values()];
}

/** One file as a candidate; undefined for what is no file, or a copy inside a virtual environment. */
export async function candidateAt(path: string, source: RuntimeSource): Promise<Candidate | undefined> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) return { path, source, problem: 'it is a link that leads nowhere', stamp: '' };
  const facts = await stat(real).catch(() => undefined);
  if (facts === undefined || !facts.isFile() || (await exists(join(dirname(dirname(real)), 'pyvenv.cfg')))) {
    return undefined;
  }
  const isRunnable = await access(real, constants.X_OK).then(yes, no);
  const problem = isRunnable ? undefined : 'it is not executable';
  return { path: real, source, problem, stamp: `${facts.ino} ${facts.size} ${facts.mtimeMs} ${isRunnable}` };
}

async function placesOf(options: CandidateOptions): Promise<[RuntimeSource, string[]][]> {
  const { env } = options;
  const home = env.HOME ?? '/';
  const pyenv = env.PYENV_ROOT ?? join(home, '.pyenv');
  const shims = [join(pyenv, 'shims'), join(home, '.asdf', 'shims'), join(home, '.local', 'share', 'mise', 'shims')];
  const onPath = (env.PATH ?? '').split(delimiter).filter((folder) => isAbsolute(folder) && !shims.includes(folder));
  const ofVersions = versionFolders.map((folder) => (isAbsolute(folder) ? folder : join(home, folder)));
  const system = options.systemFolders ?? [
    ...usualFolders,
    join(home, '.local', 'bin'),
    ...(await Promise.all(ofVersions.map(binFoldersIn))).flat(),
  ];
  return [
    ['managed', await binFoldersIn(options.managedFolder)],
    ['pyenv', await binFoldersIn(join(pyenv, 'versions'))],
    ['conda', await condaBinFolders(env, home)],
    ['path', onPath],
    ['system', [...system]],
  ];
}

/** The environments of conda are interpreters of their own, which it lists in a file. */
async function condaBinFolders(env: Readonly<NodeJS.ProcessEnv>, home: string): Promise<string[]> {
  const bases = condaFolders.map((name) => join(home, name));
  const listed = await readFile(join(home, '.conda', 'environments.txt'), 'utf8').catch(() => '');
  const named = [env.CONDA_PREFIX, ...listed.split('\n')].filter(
    (folder) => folder !== undefined && isAbsolute(folder),
  );
  const below = (await Promise.all(bases.map((base) => binFoldersIn(join(base, 'envs'))))).flat();
  return [...[...bases, ...(named as string[])].map((folder) => join(folder, 'bin')), ...below];
}

async function binFoldersIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => !name.startsWith('.')).map((name) => join(folder, name, 'bin'));
}

/** Interpreters of a folder, those with the most telling names first. */
async function interpretersIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => fileName.test(basename(name)))
    .sort((a, b) => b.length - a.length || a.localeCompare(b))
    .map((name) => join(folder, name));
}

const yes = () => true;
const no = () => false;

async function exists(path: string): Promise<boolean> {
  return await access(path).then(yes, no);
}
