/** What stands on disk for an environment's name, without starting anything. */
import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { brokenVenvHint } from '../../errors.ts';
import { environmentFolder, generationFolder, generationNumber, type HomeLayout, pythonIn } from '../layout.ts';
import { hasPackagesFolder, interpreterMark, isSuspect, whyNotUsable } from './interpreter.ts';
import { currentGeneration } from './publish.ts';
import { type EnvironmentRecord, type GenerationRecord, readRecord, recordFile } from './record.ts';

/** An environment as it lies there. */
export interface EnvironmentState {
  readonly name: string;
  readonly folder: string;
  readonly record: EnvironmentRecord | undefined;
  /** The number of the generation in force. */
  readonly generation: number | undefined;
  /** What the record says of it. */
  readonly inForce: GenerationRecord | undefined;
  /** Generations that are on disk, smallest first, with what was never published. */
  readonly onDisk: readonly number[];
  /** Why it cannot be used, and how to repair it; undefined if it can. */
  readonly problem: Problem | undefined;
}

/** What is wrong with an environment. */
export interface Problem {
  readonly kind: 'record' | 'unpublished' | 'interpreter';
  readonly why: string;
  /** The next step. */
  readonly hint: string;
}

/** Reads it; undefined where there is nothing by that name. */
export async function readState(layout: HomeLayout, name: string): Promise<EnvironmentState | undefined> {
  const folder = environmentFolder(layout, name);
  const names = await readdir(folder).catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (names === undefined) return undefined;
  const onDisk = names
    .map(generationNumber)
    .filter((number) => number !== undefined)
    .sort((a, b) => a - b);
  const generation = currentGeneration(folder);
  let record: EnvironmentRecord | undefined;
  let damage: string | undefined;
  try {
    record = await readRecord(folder);
    if (record === undefined && generation !== undefined) damage = 'it is missing';
  } catch (error) {
    damage = error instanceof SyntaxError ? 'it is no JSON' : (error as Error).message;
  }
  const inForce = record?.history.findLast((one) => one.generation === generation);
  return {
    name,
    folder,
    record,
    generation,
    inForce,
    onDisk,
    problem: damage === undefined ? await problemOf(layout, name, generation, inForce) : recordProblem(damage),
  };
}

function recordProblem(damage: string): Problem {
  const hint = 'put the file back from a copy, or delete the environment and create it again';
  return { kind: 'record', why: `its ${recordFile} is damaged: ${damage}`, hint };
}

async function problemOf(
  layout: HomeLayout,
  name: string,
  generation: number | undefined,
  inForce: GenerationRecord | undefined,
): Promise<Problem | undefined> {
  const hint = brokenVenvHint(name);
  if (generation === undefined) return { kind: 'unpublished', why: notInForce, hint };
  const python = pythonIn(generationFolder(layout, name, generation));
  const why = await whyNotUsable(python, inForce?.interpreter);
  return why === undefined ? undefined : { kind: 'interpreter', why, hint };
}

/** What is wrong with an environment whose folder is there and has no link to a generation. */
export const notInForce = 'no generation of it is in force';

/** Reads states, and remembers them for as long as a few questions to the file system find nothing changed. */
export function createStateReader(layout: HomeLayout): { read(name: string): Promise<EnvironmentState | undefined> } {
  const known = new Map<string, { stamp: string; state: EnvironmentState }>();
  return {
    async read(name) {
      const stamp = stampOf(layout, name);
      const before = known.get(name);
      const isSame = stamp !== undefined && before?.stamp === stamp;
      if (isSame) {
        const python = pythonIn(generationFolder(layout, name, before.state.generation as number));
        if (!isSuspect(python) && hasPackagesFolder(python)) return before.state;
      }
      known.delete(name);
      const state = await readState(layout, name);
      // Only what is sound is remembered, and only if it did not change while it was read.
      if (
        state?.problem === undefined &&
        state !== undefined &&
        stamp !== undefined &&
        stampOf(layout, name) === stamp
      ) {
        if (known.size >= remembered) known.delete(known.keys().next().value as string);
        known.set(name, { stamp, state });
      }
      return state;
    },
  };
}

const remembered = 1000;

/** Another one after every change, and with another interpreter; undefined where something is missing. */
function stampOf(layout: HomeLayout, name: string): string | undefined {
  const folder = environmentFolder(layout, name);
  const generation = currentGeneration(folder);
  const record = statSync(join(folder, recordFile), { bigint: true, throwIfNoEntry: false });
  const inside = statSync(folder, { bigint: true, throwIfNoEntry: false });
  if (generation === undefined || record === undefined || inside === undefined) return undefined;
  const mark = interpreterMark(pythonIn(generationFolder(layout, name, generation)));
  return mark && `${generation} ${record.ino} ${record.mtimeNs} ${record.size} ${inside.mtimeNs} ${mark}`;
}
