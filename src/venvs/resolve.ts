/** From the name or path that a caller gave to the environment in force. On the way of every session's start, so it is cheap. */
import { statSync } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { isAbsolute, normalize } from 'node:path';
import { errors } from '../errors.ts';
import { changeUnderWay } from './changes/environment-lock.ts';
import type { EnvironmentInForce } from './environment-in-force.ts';
import { interpreterMark } from './generations/interpreter.ts';
import { currentGeneration, currentLink } from './generations/publish.ts';
import { readRecord } from './generations/record.ts';
import { notInForce } from './generations/state.ts';
import { adminName, environmentFolder, generationFolder, type HomeLayout, pythonIn } from './layout.ts';
import { whyNotAName } from './naming/name.ts';

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
    const found = isAbsolute(key) ? await externalEnvironment(key) : await named(layout, key);
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
  if (name === adminName) return adminEnvironment(layout);
  const why = whyNotAName(name);
  if (why !== undefined) throw errors.venvNameInvalid(name, why);
  const folder = environmentFolder(layout, name);
  const generation = currentGeneration(folder);
  if (generation === undefined) {
    if (!(await stat(folder).catch(() => undefined))) throw errors.venvNotFound(name);
    const change = await changeUnderWay(layout, name);
    if (change !== undefined) throw errors.venvBusy(name, change);
    // It may have been published while nobody had the lock any more.
    if (currentGeneration(folder) === undefined) throw errors.venvBroken(name, notInForce);
    return await named(layout, name);
  }
  const pythonPath = pythonIn(generationFolder(layout, name, generation));
  // Whether it starts is for those to see who start it.
  if (interpreterMark(pythonPath) === undefined) throw errors.venvBroken(name, 'its interpreter is gone');
  const record = await readRecord(folder).catch(() => undefined); // it is for those who look to say that it is damaged
  const made = record?.history.findLast((one) => one.generation === generation);
  return { name, generation, pythonPath, path: currentLink(folder), interpreter: made?.interpreter };
}

/** The gateway's own: it is looked at like others, and never changed. */
function adminEnvironment({ adminFolder, adminPython }: HomeLayout): EnvironmentInForce {
  return { name: adminName, generation: 0, pythonPath: adminPython, path: adminFolder };
}

/** An environment that is not ours is used as it is; nothing in it is changed. Throws VENV_NOT_FOUND or VENV_BROKEN. */
export async function externalEnvironment(given: string): Promise<EnvironmentInForce> {
  const path = normalize(given).replace(/\/+$/, '') || '/';
  const pythonPath = pythonIn(path);
  const folder = await stat(path).catch(() => undefined);
  if (folder === undefined) throw errors.venvNotFound(given);
  await access(pythonPath, constants.X_OK).catch((cause) => {
    throw errors.venvBroken(given, 'it has no bin/python that can be run', cause);
  });
  return { name: path, generation: 0, pythonPath, path };
}
