/** Changes one environment under its lock: the next generation is made beside the one in force, and published in one step. */
import { mkdir, rm } from 'node:fs/promises';
import { BeepError, errors } from '../../errors.ts';
import { interpreterMark } from '../generations/interpreter.ts';
import { publishGeneration } from '../generations/publish.ts';
import {
  type EnvironmentRecord,
  type GenerationRecord,
  withChanged,
  withGeneration,
  writeRecord,
} from '../generations/record.ts';
import { restoreLink } from '../generations/restore-link.ts';
import { type EnvironmentState, readState } from '../generations/state.ts';
import { type PinChange, pinChanges } from '../installed/pins.ts';
import { environmentFolder, generationFolder, generationName, type HomeLayout, pythonIn } from '../layout.ts';
import type { OnProgress } from './changes.ts';
import { lockEnvironment } from './environment-lock.ts';
import { makeGeneration, type Recipe } from './generation.ts';
import type { Lock } from './lock.ts';
import { sweepEnvironment } from './sweep.ts';

/** What is to become of an environment, decided when its lock is held. */
export type Decision = Keep | Make;

/** Nothing has to be made; what the record says may change. */
interface Keep {
  readonly kind: 'keep';
  readonly facts?: Facts;
  readonly requested?: readonly string[];
  readonly satisfies?: readonly string[];
}

/** The next generation is to be made. */
interface Make {
  readonly kind: 'make';
  readonly recipe: Recipe;
  readonly reason: string;
  readonly requested: readonly string[];
  readonly satisfies: readonly string[];
  readonly facts?: Facts;
}

/** What a record says of the whole environment. */
export type Facts = Pick<EnvironmentRecord, 'labels' | 'provider' | 'model' | 'sources'>;

/** Looks at what is there: undefined where nothing was ever published. Throws what refuses the request. */
export type Decide = (state: EnvironmentState | undefined) => Promise<Decision>;

/** What a change came to. */
export interface Changed {
  readonly state: EnvironmentState;
  readonly isUnchanged: boolean;
  readonly changes: readonly PinChange[];
  readonly tookMs: number;
}

/** What a change needs. */
export interface ChangeOptions {
  readonly layout: HomeLayout;
  readonly now: () => number;
  readonly name: string;
  readonly summary: string;
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal;
  /** Called after a generation was published, while the lock is still held. */
  readonly afterwards: (state: EnvironmentState) => Promise<void>;
}

/** Does what is decided. When it throws, what was in force still is, and nothing else is left. */
export async function changeEnvironment(decide: Decide, options: ChangeOptions): Promise<Changed> {
  const startedAt = performance.now();
  const { layout, name } = options;
  try {
    using lock = await lockEnvironment(options, options.onProgress, options.signal);
    const found = await restoreLink(layout, await readState(layout, name));
    if (found?.problem?.kind === 'record') {
      throw errors.venvBroken(name, found.problem.why, undefined, found.problem.hint);
    }
    const state = found?.generation === undefined ? undefined : found;
    const decision = await decide(state);
    await sweepEnvironment(layout, name, state?.record);
    const done = decision.kind === 'keep' ? await keep(decision, state) : await make(decision, state, options, lock);
    const after = (await readState(layout, name)) as EnvironmentState;
    if (!done.isUnchanged) await options.afterwards(after);
    return { ...done, state: after, tookMs: performance.now() - startedAt };
  } catch (error) {
    throw withoutRoom(error);
  }
}

type Done = Pick<Changed, 'isUnchanged' | 'changes'>;

async function keep(
  { facts, requested, satisfies }: Omit<Keep, 'kind'>,
  state: EnvironmentState | undefined,
): Promise<Done> {
  if (state?.record !== undefined) {
    const known = { ...(requested && { requested }), ...(satisfies && { satisfies }) };
    const record = { ...state.record, ...facts };
    const changed = state.inForce === undefined ? record : withChanged(record, { ...state.inForce, ...known });
    if (JSON.stringify(changed) !== JSON.stringify(state.record)) await writeRecord(state.folder, changed);
  }
  return { isUnchanged: true, changes: [] };
}

async function make(
  decision: Make,
  state: EnvironmentState | undefined,
  options: ChangeOptions,
  lock: Lock,
): Promise<Done> {
  const { layout, name, now, onProgress, signal } = options;
  const { recipe, reason, requested, satisfies, facts } = decision;
  const folder = environmentFolder(layout, name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const generation =
    1 + Math.max(0, ...(state?.onDisk ?? []), ...(state?.record?.history.map((one) => one.generation) ?? []));
  const made = generationFolder(layout, name, generation);
  let isPublished = false;
  try {
    const pins = await makeGeneration(recipe, { layout, name, generation, onProgress, signal, lockFd: lock.fd });
    const before = state?.inForce;
    if (before !== undefined && state?.problem === undefined && isSame(before, recipe, pins)) {
      return await keep({ facts, requested, satisfies: union(before.satisfies, satisfies) }, state);
    }
    onProgress({ phase: 'publish', item: name, message: `putting generation ${generation} in force` });
    const next: GenerationRecord = {
      generation,
      createdAt: new Date(now()).toISOString(),
      reason,
      python: recipe.python,
      interpreter: interpreterMark(pythonIn(made)),
      lock: pins,
      requested,
      satisfies: stillMet(satisfies, before, pins),
    };
    const record = { ...withGeneration(withoutGone(state), name, next), ...facts };
    signal.throwIfAborted();
    await writeRecord(folder, record);
    try {
      await publishGeneration(folder, generationName(generation));
    } catch (error) {
      if (state?.record !== undefined) await writeRecord(folder, state.record);
      throw error;
    }
    isPublished = true;
    return { isUnchanged: false, changes: pinChanges(before?.lock ?? [], pins) };
  } finally {
    if (!isPublished) await rm(made, { recursive: true, force: true });
    if (!isPublished && state === undefined) await rm(folder, { recursive: true, force: true });
  }
}

/** What was met before is met no longer where a package has another version, or is gone. */
function stillMet(satisfies: readonly string[], before: GenerationRecord | undefined, pins: readonly string[]) {
  const now = new Set(pins);
  if (before?.lock?.every((pin) => now.has(pin)) ?? true) return satisfies;
  return satisfies.filter((one) => !before?.satisfies?.includes(one));
}

function isSame(before: GenerationRecord, recipe: Recipe, pins: readonly string[]): boolean {
  return before.python.path === recipe.python.path && before.lock?.join('\n') === pins.join('\n');
}

/** Of a generation that is gone the record keeps what happened, not what it held. */
function withoutGone(state: EnvironmentState | undefined): EnvironmentRecord | undefined {
  if (state?.record === undefined) return undefined;
  const history = state.record.history.map((one) => {
    if (state.onDisk.includes(one.generation)) return one;
    const { generation, createdAt, reason, python } = one;
    return { generation, createdAt, reason, python };
  });
  return { ...state.record, history };
}

/** Digests beyond this are forgotten, the oldest first. */
const maxSatisfies = 32;

/** The digests of both. */
export function union(known: readonly string[] | undefined, more: readonly string[]): string[] {
  return [...new Set([...(known ?? []), ...more])].slice(-maxSatisfies);
}

function withoutRoom(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException)?.code;
  if (error instanceof BeepError || (code !== 'ENOSPC' && code !== 'EDQUOT')) return error;
  return errors.fromReason('DISK_FULL', 'the disk is full: nothing was changed; make room and call again', {
    cause: error,
  });
}
