/** From the name or path that a caller gave to the environment in force. On the way of every session's start, so it is cheap. */
import { statSync } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import { errors } from '../errors.ts';
import type { EnvironmentInForce } from './environment-in-force.ts';
import { environmentFolder, generationFolder, type HomeLayout } from './layout.ts';
import { whyNotAName } from './name.ts';
import { currentGeneration, currentLink } from './publish.ts';

/** Finds environments; throws VENV_NOT_FOUND, VENV_NAME_INVALID or VENV_BROKEN. */
export type ResolveEnvironment = (nameOrPath: string) => Promise<EnvironmentInForce>;

/** More names than this and the oldest is looked up anew. */
const remembered = 1000;

/** A resolver that remembers what it found and asks the file system one question to see whether it still holds. */
export function createResolver(layout: HomeLayout): ResolveEnvironment {
  const known = new Map<string, EnvironmentInForce>();
  return async (nameOrPath) => {
    const key = nameOrPath.normalize('NFC');
    const before = known.get(key);
    if (before !== undefined && isStillInForce(layout, before)) return before;
    known.delete(key);
    const found = isAbsolute(key) ? await external(key) : await named(layout, key);
    if (known.size >= remembered) known.delete(known.keys().next().value as string);
    known.set(key, found);
    return found;
  };
}

function isStillInForce(layout: HomeLayout, environment: EnvironmentInForce): boolean {
  if (environment.generation === 0) return statSync(environment.pythonPath, { throwIfNoEntry: false }) !== undefined;
  return currentGeneration(environmentFolder(layout, environment.name)) === environment.generation;
}

async function named(layout: HomeLayout, name: string): Promise<EnvironmentInForce> {
  const why = whyNotAName(name);
  if (why !== undefined) throw errors.venvNameInvalid(name, why);
  const folder = environmentFolder(layout, name);
  const generation = currentGeneration(folder);
  if (generation === undefined) {
    if (await stat(folder).catch(() => undefined)) throw errors.venvBroken(name, 'no generation of it is in force');
    throw errors.venvNotFound(name);
  }
  const pythonPath = join(generationFolder(layout, name, generation), 'bin', 'python');
  await mustRun(name, pythonPath);
  return { name, generation, pythonPath, path: currentLink(folder) };
}

/** An environment that is not ours is used as it is; nothing in it is changed. */
async function external(given: string): Promise<EnvironmentInForce> {
  const path = normalize(given).replace(/\/+$/, '') || '/';
  const pythonPath = join(path, 'bin', 'python');
  const folder = await stat(path).catch(() => undefined);
  if (folder === undefined) throw errors.venvNotFound(given);
  await mustRun(given, pythonPath);
  return { name: path, generation: 0, pythonPath, path };
}

async function mustRun(name: string, pythonPath: string): Promise<void> {
  await access(pythonPath, constants.X_OK).catch((cause) => {
    throw errors.venvBroken(name, 'it has no bin/python that can be run', cause);
  });
}
