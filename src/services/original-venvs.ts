/** Environments as the original's programs ask for them: by provider and model, and by their paths. */
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { Call } from '../call.ts';
import { errors } from '../errors.ts';
import type { Environments } from '../venvs/environments.ts';
import { currentLink } from '../venvs/generations/publish.ts';
import type { EnvironmentState } from '../venvs/generations/state.ts';
import { requirementName } from '../venvs/installed/pins.ts';
import type { HomeLayout } from '../venvs/layout.ts';
import { originalBaseName, withAccelerator } from '../venvs/naming/original-name.ts';

/** What they need. */
export interface OriginalVenvsOptions {
  readonly layout: HomeLayout;
  readonly environments: Environments;
  readonly detectAccelerator: () => Promise<string>;
}

/** One environment of a list. */
export interface ListedVenv {
  readonly name: string;
  readonly path: string;
  readonly pythonVersion: string;
  readonly status: 'ready' | 'building' | 'broken';
}

/** A package and its version. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
}

/** The calls. Each throws BeepError. */
export type OriginalVenvs = ReturnType<typeof createOriginalVenvs>;

const emptySpec = { python: '', packages: [], requirements: '', index: undefined, labels: {} };

/** Makes them. */
export function createOriginalVenvs({ layout, environments, detectAccelerator }: OriginalVenvsOptions) {
  /** The name of an environment of ours by its path; another path stays, and is refused by whoever would change it. */
  const nameAt = (path: string): string => {
    const [name = '', below, ...more] = relative(layout.envs, resolve(path)).split(sep);
    const isOurs =
      isAbsolute(path) &&
      name !== '' &&
      name !== '..' &&
      more.length === 0 &&
      (below === undefined || below === 'current');
    return isOurs ? name : resolve(path);
  };
  const waiter = (call: Pick<Call, 'onAbort'>) => ({
    onProgress: () => {},
    onAbort: (listener: (reason: Error) => void) => call.onAbort(listener),
  });

  return {
    /** The environment of a provider and a model, made if it is not there; its path. */
    async create(provider: string, model: string, call: Pick<Call, 'onAbort'>): Promise<string> {
      // Programs that are given the name would take it for an option.
      if (/^(-|$)/.test(provider)) throw errors.venvNameInvalid(provider, 'it is empty, or begins with a dash');
      // Without a model there is nothing to tell the environments of a provider apart by.
      const base = model === '' ? provider : originalBaseName(provider, model);
      const name = withAccelerator(base, await detectAccelerator());
      const { state } = await environments.ensure(name, emptySpec, { provider, model }, waiter(call), true);
      return currentLink(state.folder);
    },
    /** Deletes an environment of ours. */
    async delete(path: string, { principal }: Pick<Call, 'principal'>): Promise<void> {
      await environments.delete(nameAt(path), false, principal);
    },
    /** Installs packages; those that were asked for, and those that came with them. */
    async install(
      place: { readonly name: string } | { readonly path: string },
      packages: readonly string[],
      call: Pick<Call, 'onAbort'>,
    ): Promise<InstalledPackage[]> {
      const name = 'name' in place ? place.name : nameAt(place.path);
      const asked = { packages, requirements: '', index: undefined, upgrade: false };
      const { state, changes } = await environments.install(name, asked, waiter(call));
      const wanted = new Set([...packages.map(requirementName), ...changes.map(({ name }) => name)]);
      return installedIn(state).filter(({ name }) => wanted.has(name));
    },
    async list(): Promise<ListedVenv[]> {
      const found: ListedVenv[] = [];
      for (const name of await environments.names()) {
        const state = await environments.look(name).catch(() => undefined); // deleted meanwhile
        if (state === undefined) continue;
        found.push({
          name,
          path: currentLink(state.folder),
          pythonVersion: state.inForce?.python.version ?? '',
          status: await statusOf(state),
        });
      }
      return found;
    },
  };

  async function statusOf({ name, problem }: EnvironmentState): Promise<ListedVenv['status']> {
    if (problem === undefined) return 'ready';
    return problem.kind === 'unpublished' && (await environments.isChanging(name)) ? 'building' : 'broken';
  }
}

function installedIn({ inForce }: EnvironmentState): InstalledPackage[] {
  return (inForce?.lock ?? []).map((pin) => {
    const [name = '', version = ''] = pin.split(/==| @ /);
    return { name, version };
  });
}
