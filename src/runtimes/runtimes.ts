/** The Python interpreters of this machine as the rest of the gateway asks for them. */
import { access } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { errors, quoted, toBeepError } from '../errors.ts';
import { createKeptAnswers } from './answers.ts';
import { type CandidateOptions, candidateAt, findCandidates } from './candidates.ts';
import { chooseRuntime, mustBeUsable, newestSuitable } from './choose.ts';
import type { DefaultRuntime } from './default-runtime.ts';
import { type FoundRuntime, findRuntimes, foundRuntime } from './find.ts';
import { createProber } from './prober.ts';

/**
 * One usable runtime by a version request (`3.12`, `>=3.11`, `3.11.7`, `pypy3.9`), an id, or an absolute path; by an empty
 * text the default one. Throws INVALID_ARGUMENT, RUNTIME_NOT_FOUND, RUNTIME_BROKEN or PYTHON_INCOMPATIBLE.
 */
export type FindRuntime = (request: string) => Promise<FoundRuntime>;

/** Finds interpreters; what it has asked once it asks again only when the file has changed. */
export interface Runtimes {
  /** All, newest first, also those that cannot be used. */
  list(): Promise<FoundRuntime[]>;
  readonly find: FindRuntime;
  /** The one at a path, or with an id; also one that cannot be used. Asked anew where `again`. */
  look(idOrPath: string, again?: boolean): Promise<FoundRuntime | undefined>;
  /** The one for environments that name no Python: the chosen one, and without it the newest suitable. */
  default(): Promise<DefaultState>;
}

/** What is the default, and what became of the choice. */
export interface DefaultState {
  /** Undefined where there is none at all. */
  readonly runtime: FoundRuntime | undefined;
  /** Why the runtime that was chosen is not it; undefined if it is, or if none was chosen. */
  readonly problem: string | undefined;
}

/** Where to look. */
export interface RuntimesOptions extends CandidateOptions {
  readonly chosen?: DefaultRuntime;
  /** File in which answers are kept; without it they are forgotten with the process. */
  readonly answersFile?: string;
}

/** Makes the finder; it starts nothing until it is asked. */
export function createRuntimes(options: RuntimesOptions): Runtimes {
  const { answersFile } = options;
  const prober = createProber(options.env, answersFile === undefined ? undefined : createKeptAnswers(answersFile));
  const list = () => findRuntimes({ ...options, prober });

  const atPath = async (path: string, again = false): Promise<FoundRuntime | undefined> => {
    const program = await programAt(path);
    const here = program === undefined ? undefined : await candidateAt(program, 'path');
    if (here === undefined) return undefined;
    const candidate = (await findCandidates(options)).find((known) => known.path === here.path) ?? here;
    return foundRuntime(candidate, again ? await prober.probeAgain(candidate) : await prober.probe(candidate));
  };

  /** The chosen one if it can be used, or why it cannot; undefined where none was chosen. */
  const chosen = async (): Promise<FoundRuntime | string | undefined> => {
    try {
      const choice = await options.chosen?.read();
      if (choice === undefined) return undefined;
      const runtime = await atPath(choice.path);
      if (runtime === undefined) return `the chosen default runtime is gone: ${choice.id}; choose another`;
      if (runtime.whyNot === undefined) return runtime;
      return `the chosen default runtime cannot be used: ${runtime.id}: ${runtime.whyNot}; choose another`;
    } catch (error) {
      return `the choice of a default runtime cannot be read: ${(error as Error).message}; choose again`;
    }
  };

  const findDefault = async (): Promise<{ runtime: FoundRuntime; problem: string | undefined }> => {
    const choice = await chosen();
    if (typeof choice === 'object') return { runtime: choice, problem: undefined };
    return { runtime: newestSuitable(await list()), problem: choice };
  };

  return {
    list,
    async look(idOrPath, again = false) {
      if (isAbsolute(idOrPath)) return await atPath(idOrPath, again);
      const known = (await list()).find(({ id }) => id === idOrPath);
      return known !== undefined && again ? await atPath(known.path, true) : known;
    },
    async find(request) {
      if (request === '') return (await findDefault()).runtime;
      if (isAbsolute(request)) {
        const runtime = await atPath(request);
        if (runtime === undefined) throw errors.runtimeNotFound(request, 'there is no interpreter at this path');
        return mustBeUsable(runtime);
      }
      if (/[/\\]/.test(request)) {
        throw errors.invalidArgument(`not an absolute path: ${quoted(request)}; a runtime's path begins with "/"`);
      }
      return chooseRuntime(await list(), request);
    },
    default: () =>
      findDefault().catch((error) => {
        if (toBeepError(error).reason !== 'RUNTIME_NOT_FOUND') throw error;
        return { runtime: undefined, problem: undefined };
      }),
  };
}

/** The runtimes as a home's gateway sees them, with the choice that is kept there. */
export function createHomeRuntimes(home: string, managedFolder: string, chosen: DefaultRuntime): Runtimes {
  const answersFile = join(home, 'cache', 'runtimes.json');
  return createRuntimes({ managedFolder, env: process.env, chosen, answersFile });
}

/** The file that a path means: itself, or the interpreter in the folder of an installation. */
async function programAt(path: string): Promise<string | undefined> {
  for (const program of [join(path, 'bin', 'python3'), join(path, 'bin', 'python'), path]) {
    const isThere = await access(program).then(
      () => true,
      () => false,
    );
    if (isThere) return program;
  }
  return undefined;
}
