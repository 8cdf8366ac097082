/** The environments of a home: looked at, made, changed and deleted. Whoever serves callers asks here. */
import { randomUUID } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { errors, quoted } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { AskedIndex, ResolveIndex } from '../uv/package-index.ts';
import { type Changed, changeEnvironment, type Decide, type Facts } from './changes/change.ts';
import { createChanges, type Waiter } from './changes/changes.ts';
import {
  cloning,
  creating,
  ensuring,
  installing,
  type Order,
  ownOriginal,
  type Pythons,
  type Specification,
  syncing,
  uninstalling,
} from './changes/decisions.ts';
import { changeUnderWay, lockEnvironmentNow } from './changes/environment-lock.ts';
import { tryLock } from './changes/lock.ts';
import { sweepLocks, sweepUnused } from './changes/sweep.ts';
import { externalOriginal } from './external-original.ts';
import { type Holder, takeAway } from './generations/delete.ts';
import { retired, retireGenerations } from './generations/retire.ts';
import { rollBack } from './generations/rollback.ts';
import { createStateReader, type EnvironmentState, type Problem, readState } from './generations/state.ts';
import { createTrash } from './generations/trash.ts';
import { measureFolders } from './installed/sizes.ts';
import { adminName, environmentFolder, type HomeLayout, lockPath } from './layout.ts';
import { whyNotAName, whyNotANewName } from './naming/name.ts';
import { readPackageNames } from './requirements/requirement.ts';
import { askedIndex, type Requirements, readRequirements } from './requirements/requirements.ts';
import type { RequirementsPolicy } from './requirements/requirements-text.ts';
import { specDigest } from './requirements/spec-digest.ts';
import { isEmpty, nothingWanted, wantedOf } from './requirements/wanted.ts';

/** What environments need to know of their surroundings. */
export interface EnvironmentsOptions {
  readonly layout: HomeLayout;
  readonly log: Logger;
  readonly now: () => number;
  readonly pythons: Pythons;
  readonly resolveIndex: ResolveIndex;
  readonly policy: RequirementsPolicy;
  /** How many former generations of each are kept. */
  readonly keptGenerations: number;
  /** Names that cannot be deleted. */
  readonly protectedNames: readonly string[];
  /** Who holds an environment now. */
  readonly holders: (name: string) => readonly Holder[];
  readonly closeSession: (sessionId: string, why: string) => Promise<void>;
  /** Another generation is in force; 0: the environment is gone. */
  readonly onChanged: (name: string, generation: number) => Promise<void>;
}

/** What an environment should be, as a caller says it. */
export interface AskedSpec {
  readonly python: string;
  readonly packages: readonly string[];
  readonly requirements: string;
  readonly index: AskedIndex | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

/** Packages, as a caller asks for them. */
export type AskedPackages = Pick<AskedSpec, 'packages' | 'requirements' | 'index'> & { readonly upgrade: boolean };

/** All environments. Every call throws BeepError. */
export type Environments = ReturnType<typeof createEnvironments>;

/** The environments of a home. */
export function createEnvironments(options: EnvironmentsOptions) {
  const { layout, log, now, pythons, resolveIndex, policy, holders } = options;
  const changes = createChanges();
  const trash = createTrash(layout);
  const states = createStateReader(layout);
  const tools = { layout, pythons };

  /** A name of ours as it is on disk; a path is nobody's to change. */
  const ownName = (given: string): string => {
    const name = given.normalize('NFC');
    if (isAbsolute(name)) throw errors.venvProtected(name, 'it is not ours; it is used as it is');
    const why = whyNotAName(name);
    if (why !== undefined) throw errors.venvNameInvalid(given, why);
    if (name === adminName) throw errors.venvProtected(name);
    return name;
  };
  const newName = (given: string): string => {
    const name = ownName(given);
    const why = whyNotANewName(name);
    if (why !== undefined) throw errors.venvNameInvalid(given, why);
    return name;
  };
  const existingState = async (name: string): Promise<EnvironmentState> => {
    const state = await states.read(name);
    if (state === undefined) throw errors.venvNotFound(name);
    return state;
  };
  /** One that can be used; throws VENV_BUSY where its first generation is being made. */
  const soundState = async (name: string): Promise<EnvironmentState> => {
    const state = await existingState(name);
    if (state.problem?.kind === 'unpublished') {
      const under = changes.running(name) ?? (await changeUnderWay(layout, name));
      if (under !== undefined) throw errors.venvBusy(name, under);
    }
    if (state.problem !== undefined) throw broken(name, state.problem);
    return state;
  };
  const hostIndex = () => resolveIndex();
  const noOrder: Order = { wanted: nothingWanted, asked: undefined, index: hostIndex, hostIndex };
  const orderOf = async (requirements: Requirements, options: AskedIndex | undefined): Promise<Order> => {
    const wanted = wantedOf(requirements);
    const asked = askedIndex(options, requirements);
    // Refused before anything is done. Where nothing is asked for nobody has to look it up.
    if (options !== undefined) await resolveIndex(asked);
    return { wanted, asked, index: () => resolveIndex(asked), hostIndex };
  };
  const read = async ({ packages, requirements, index }: Pick<AskedPackages, 'packages' | 'requirements' | 'index'>) =>
    orderOf(await readRequirements(packages, requirements, policy), index);

  const change = (name: string, key: unknown, summary: string, decide: Decide, waiter: Waiter): Promise<Changed> =>
    changes.run(
      {
        name,
        key: JSON.stringify(key),
        summary,
        async work(onProgress, signal) {
          const changed = await changeEnvironment(decide, {
            layout,
            now,
            name,
            summary,
            onProgress,
            signal,
            afterwards,
          });
          if (!changed.isUnchanged) await told(name, changed.state);
          return changed;
        },
      },
      waiter,
    );
  /** What is no longer needed goes while the lock is held. */
  const afterwards = (state: EnvironmentState) =>
    retireGenerations(layout, state, heldGenerations(state.name), options.keptGenerations, trash);
  const heldGenerations = (name: string) => new Set(holders(name).map(({ venvGeneration }) => venvGeneration));
  /** Generations that this process has put in force; nobody holds others of an environment that is not in here. */
  const inForce = new Map<string, number>();
  const told = async (name: string, { generation = 0 }: Pick<EnvironmentState, 'generation'>) => {
    if (generation === 0) inForce.delete(name);
    else inForce.set(name, generation);
    log.info({ name, generation }, generation === 0 ? 'environment is deleted' : 'environment has changed');
    await options.onChanged(name, generation);
  };
  /** Waits for nobody: for calls that cannot say for whom they wait. */
  const lockNow = async (name: string, summary: string) => {
    const running = changes.running(name);
    if (running !== undefined) throw errors.venvBusy(name, running);
    const lock = await lockEnvironmentNow({ layout, name, summary });
    if (typeof lock === 'string') throw errors.venvBusy(name, lock);
    return lock;
  };

  /** All names that there are, sorted. */
  const names = async (): Promise<string[]> => {
    const entries = await readdir(layout.envs, { withFileTypes: true }).catch(() => []);
    const folders = entries.filter((entry) => entry.isDirectory() && whyNotAName(entry.name) === undefined);
    return folders.map(({ name }) => name).sort();
  };

  return {
    /** What stands under a name; throws VENV_NOT_FOUND and VENV_NAME_INVALID. */
    look: (name: string) => existingState(ownName(name)),
    /** Whether somebody makes or changes it now, in this process or another. */
    async isChanging(name: string): Promise<boolean> {
      return changes.running(name) !== undefined || (await changeUnderWay(layout, name)) !== undefined;
    },
    names,
    async create(given: string, spec: AskedSpec, waiter: Waiter): Promise<Changed> {
      const name = newName(given);
      const digest = digestOf(spec);
      const specification = await specify(spec, digest, {});
      return await change(
        name,
        ['create', randomUUID()],
        `create ${name}`,
        creating(name, specification, tools),
        waiter,
      );
    },
    /** The environment that meets a specification; nothing is started where it is there. */
    async ensure(
      given: string,
      spec: AskedSpec,
      purpose: Purposes,
      waiter: Waiter,
      /** The original gave names that a new environment cannot have here. */
      isOriginal = false,
    ): Promise<Changed> {
      const name = ownName(given);
      const startedAt = performance.now();
      const digest = digestOf(spec);
      const ready = await states.read(name);
      const facts = factsOf(spec, purpose);
      if (ready?.problem === undefined && ready?.inForce?.satisfies?.includes(digest) && hasFacts(ready, facts)) {
        return { state: ready, isUnchanged: true, changes: [], tookMs: performance.now() - startedAt };
      }
      if (ready === undefined && !isOriginal) newName(name);
      const specification = await specify(spec, digest, facts);
      return await change(name, ['ensure', digest, facts], `ensure ${name}`, ensuring(specification, tools), waiter);
    },
    async install(given: string, asked: AskedPackages, waiter: Waiter): Promise<Changed> {
      const name = ownName(given);
      const order = await read(asked);
      await existingState(name);
      const summary = `${asked.upgrade ? 'upgrade' : 'install'} ${order.wanted.requested.slice(0, 5).join(' ')}`.trim();
      return await change(name, ['install', asked], summary, installing(name, order, asked.upgrade, tools), waiter);
    },
    async uninstall(given: string, packages: readonly string[], waiter: Waiter): Promise<Changed> {
      const name = ownName(given);
      const names = readPackageNames(packages);
      await existingState(name);
      const decide = uninstalling(name, names, noOrder, tools);
      return await change(name, ['uninstall', names], `uninstall ${names.slice(0, 5).join(' ')}`, decide, waiter);
    },
    async sync(given: string, asked: Pick<AskedPackages, 'requirements' | 'index'>, waiter: Waiter): Promise<Changed> {
      const name = ownName(given);
      const order = await read({ packages: [], ...asked });
      if (isEmpty(order.wanted)) {
        const message = 'requirements asks for nothing: nothing would be left; say what is to be there';
        throw errors.invalidArgument(message, { field: 'requirements' });
      }
      await existingState(name);
      return await change(name, ['sync', asked], 'sync', syncing(name, order, tools), waiter);
    },
    async clone(given: string, givenNew: string, waiter: Waiter): Promise<Changed> {
      const copy = newName(givenNew);
      const original = isAbsolute(given)
        ? await externalOriginal(given, { pythons, index: hostIndex, policy })
        : ownOriginal(await soundState(ownName(given)), noOrder, tools);
      const summary = `clone ${original.name} as ${copy}`;
      return await change(copy, ['clone', randomUUID()], summary, cloning(original, copy), waiter);
    },
    /** Puts a generation in force that is still kept; 0: the one before that in force. */
    async rollback(given: string, wanted: number): Promise<EnvironmentState> {
      const name = ownName(given);
      await existingState(name);
      using _lock = await lockNow(name, 'roll back');
      const state = await readState(layout, name);
      if (state === undefined) throw errors.venvNotFound(name);
      if (state.problem?.kind === 'record') throw broken(name, state.problem);
      if (!(await rollBack(layout, state, wanted))) return state;
      const after = (await readState(layout, name)) as EnvironmentState;
      await told(name, after);
      return after;
    },
    /** Bytes that are free now. Sessions that use it are closed where forced, else it is refused. */
    async delete(given: string, force: boolean, principal: string): Promise<number> {
      const name = ownName(given);
      if (options.protectedNames.includes(name)) throw errors.venvProtected(name);
      // Without a lock file for every name that somebody makes up.
      if ((await stat(environmentFolder(layout, name)).catch(() => undefined)) === undefined)
        throw errors.venvNotFound(name);
      let taken: string;
      {
        using _lock = await lockNow(name, 'delete');
        taken = await takeAway(name, { layout, trash, holders, force, principal });
      }
      const why = `its environment ${quoted(name)} was deleted`;
      await Promise.allSettled(holders(name).map(({ sessionId }) => options.closeSession(sessionId, why)));
      await told(name, { generation: undefined });
      const { exclusiveBytes } = await measureFolders([taken]);
      await trash.empty(taken);
      return exclusiveBytes;
    },
    /** A session has gone: a former generation that it held may go too. */
    async release(name: string, generation: number): Promise<void> {
      if ((inForce.get(name) ?? generation) === generation || changes.running(name) !== undefined) return;
      const before = await states.read(name);
      if (before === undefined || retired(before, heldGenerations(name), options.keptGenerations).length === 0) return;
      using lock = await tryLock(lockPath(layout, name), layout.adminPython);
      const state = lock && (await readState(layout, name));
      if (state !== undefined && state.problem?.kind !== 'record') await afterwards(state);
    },
    /** Removes what changes that were killed have left, without disturbing those of other processes. */
    async sweep(): Promise<void> {
      await trash.sweep();
      for (const name of await names()) {
        if (changes.running(name) !== undefined) continue;
        if (await sweepUnused(layout, name)) log.info({ name }, 'removed what an earlier gateway left');
      }
      await sweepLocks(layout);
    },
    /** Ends changes under way; what they left is gone then. */
    async close(): Promise<void> {
      await changes.close();
      await trash.close();
    },
  };

  async function specify(spec: AskedSpec, digest: string, facts: Facts): Promise<Specification> {
    return { python: spec.python, order: await read(spec), digest, facts: { ...factsOf(spec, {}), ...facts } };
  }
}

/** What an environment is ensured for. */
export type Purposes = Pick<Facts, 'provider' | 'model'>;

function factsOf({ labels }: AskedSpec, { provider, model }: Purposes): Facts {
  return {
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(provider && { provider }),
    ...(model && { model }),
  };
}

function hasFacts({ record }: EnvironmentState, facts: Facts): boolean {
  const { labels, provider, model } = facts;
  const isSame = (a: object | undefined, b: object) =>
    JSON.stringify(Object.entries(a ?? {}).sort()) === JSON.stringify(Object.entries(b).sort());
  return (
    (labels === undefined || isSame(record?.labels, labels)) &&
    (provider === undefined || record?.provider === provider) &&
    (model === undefined || record?.model === model)
  );
}

function broken(name: string, { why, hint }: Problem) {
  return errors.venvBroken(name, why, undefined, hint);
}

function digestOf({ python, packages, requirements, index }: AskedSpec): string {
  return specDigest({ python, packages, requirements, index });
}
