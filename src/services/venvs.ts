/** VenvService's environments: looked at, made, changed and deleted. What is in them is `packages.ts`. */
import { isAbsolute } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { Call, Incoming } from '../call.ts';
import { errors } from '../errors.ts';
import type { PythonRuntime } from '../gen/es/beep/python/v1/host_pb.ts';
import {
  type CloneVenvRequestSchema,
  type CreateVenvRequestSchema,
  type DeleteVenvRequestSchema,
  DeleteVenvResponseSchema,
  type EnsureVenvRequest,
  type EnsureVenvRequestSchema,
  type GetVenvRequestSchema,
  type IndexOptions,
  type InstallPackagesRequestSchema,
  type ListVenvsRequestSchema,
  ListVenvsResponseSchema,
  type RollbackVenvRequestSchema,
  type SyncVenvRequestSchema,
  type UninstallPackagesRequestSchema,
  type Venv,
  type VenvSpec,
} from '../gen/es/beep/python/v1/venv_pb.ts';
import type { AskedIndex } from '../uv/package-index.ts';
import type { Changed } from '../venvs/changes/change.ts';
import type { AskedSpec, Environments } from '../venvs/environments.ts';
import { whyNotStarting } from '../venvs/generations/interpreter.ts';
import type { EnvironmentState } from '../venvs/generations/state.ts';
import type { Uses } from '../venvs/generations/use.ts';
import { readExternal } from '../venvs/installed/external.ts';
import { measureFolders, type Sizes } from '../venvs/installed/sizes.ts';
import { adminName, type HomeLayout } from '../venvs/layout.ts';
import { providerName } from '../venvs/naming/provider-name.ts';
import type { ResolveEnvironment } from '../venvs/resolve.ts';
import { externalMessage, foldersOf, venvMessage } from './venv-message.ts';
import { updatesOf } from './venv-updates.ts';

/** What the methods need. */
export interface VenvsOptions {
  readonly layout: HomeLayout;
  readonly environments: Environments;
  readonly resolveEnvironment: ResolveEnvironment;
  readonly uses: Uses;
  /** Says of runtimes which is the default, and which environments stand on them. */
  readonly completeRuntimes: (shown: readonly PythonRuntime[]) => Promise<void>;
  readonly detectAccelerator: () => Promise<string>;
  /** The environment that an empty name stands for. */
  readonly defaultVenv: string;
  readonly protectedNames: readonly string[];
  readonly sessionsIn: (name: string) => number;
}

/** So many environments are looked at at once. */
const atOnce = 8;

/** Makes the methods. */
export function createVenvs(options: VenvsOptions) {
  const { layout, environments, uses, defaultVenv } = options;
  const measured = new Map<string, { stamp: string; sizes: Sizes }>();

  const nameOf = (name: string) => name || defaultVenv;
  const stampOf = ({ onDisk, record }: EnvironmentState) => `${record?.id} ${record?.history.length} ${onDisk}`;
  const knownSizes = (state: EnvironmentState) => {
    const known = measured.get(state.name);
    return known?.stamp === stampOf(state) ? known.sizes : undefined;
  };
  const message = (state: EnvironmentState, isBuilding = false): Venv =>
    venvMessage(state, {
      layout,
      isProtected: options.protectedNames.includes(state.name),
      sessions: options.sessionsIn(state.name),
      usedAt: uses.lastUse(state.name),
      sizes: knownSizes(state),
      isBuilding,
    });
  /** The same with its sizes, which takes a look at every file the first time. */
  const measuredMessage = async (state: EnvironmentState): Promise<Venv> => {
    if (knownSizes(state) === undefined) {
      const sizes = await measureFolders(foldersOf(layout, state));
      measured.set(state.name, { stamp: stampOf(state), sizes });
    }
    const isBuilding = state.problem?.kind === 'unpublished' && (await environments.isChanging(state.name));
    return message(state, isBuilding);
  };
  let ofAdmin: Promise<Sizes> | undefined;
  /** Nobody changes it while the gateway runs. */
  const adminSizes = () => {
    ofAdmin ??= measureFolders([layout.adminFolder]);
    return ofAdmin;
  };
  /** One that is not ours to change: at a path, or the admin environment. */
  const external = async (given: string): Promise<Venv> => {
    const environment = await options.resolveEnvironment(given);
    const { name, path, pythonPath } = environment;
    return externalMessage(await readExternal(environment), {
      name,
      sessions: options.sessionsIn(name),
      sizes: name === adminName ? await adminSizes() : await measureFolders([path]),
      problem: await whyNotStarting(pythonPath, undefined),
    });
  };
  const allCompleted = async (venvs: Venv[]): Promise<Venv[]> => {
    await options.completeRuntimes(venvs.flatMap(({ runtime }) => runtime ?? []));
    return venvs;
  };
  const completed = async (venv: Venv) => (await allCompleted([venv]))[0] as Venv;
  /** Ensuring what is there reads nothing of the other environments, which would take longer than all the rest of it. */
  const describe = async ({ state, isUnchanged }: Changed): Promise<Venv> =>
    isUnchanged ? message(state) : completed(message(state));

  /** What a request for a provider names; a name that was given stays. */
  const ensuredName = async ({ name, provider, model, accelerator }: EnsureVenvRequest): Promise<string> => {
    if (name !== '') return name;
    if (provider !== '') {
      return providerName({ provider, model, accelerator: accelerator || (await options.detectAccelerator()) });
    }
    if (model !== '')
      throw errors.invalidArgument('a model alone names no environment: give provider too', { field: 'provider' });
    return defaultVenv;
  };

  return {
    createVenv: ({ message: { name, spec } }: Incoming<typeof CreateVenvRequestSchema>, call: Call) =>
      updatesOf(call, (waiter) => environments.create(name, specOf(spec), waiter), describe),
    ensureVenv: ({ message: request }: Incoming<typeof EnsureVenvRequestSchema>, call: Call) => {
      const { provider, model, spec } = request;
      return updatesOf(
        call,
        async (waiter) => environments.ensure(await ensuredName(request), specOf(spec), { provider, model }, waiter),
        describe,
      );
    },
    installPackages: ({ message: request }: Incoming<typeof InstallPackagesRequestSchema>, call: Call) => {
      const { packages, requirements, upgrade, index } = request;
      if (packages.length === 0 && requirements.trim() === '' && !upgrade) {
        throw errors.invalidArgument('nothing to install: give packages or requirements, or upgrade', {
          field: 'packages',
        });
      }
      const asked = { packages, requirements, upgrade, index: indexOf(index) };
      return updatesOf(call, (waiter) => environments.install(nameOf(request.name), asked, waiter), describe);
    },
    uninstallPackages: ({ message }: Incoming<typeof UninstallPackagesRequestSchema>, call: Call) => {
      const { name, packages } = message;
      if (packages.length === 0)
        throw errors.invalidArgument('nothing to remove: give packages', { field: 'packages' });
      return updatesOf(call, (waiter) => environments.uninstall(nameOf(name), packages, waiter), describe);
    },
    syncVenv: ({ message }: Incoming<typeof SyncVenvRequestSchema>, call: Call) => {
      const asked = { requirements: message.requirements, index: indexOf(message.index) };
      return updatesOf(call, (waiter) => environments.sync(nameOf(message.name), asked, waiter), describe);
    },
    cloneVenv: ({ message: { name, newName } }: Incoming<typeof CloneVenvRequestSchema>, call: Call) =>
      updatesOf(call, (waiter) => environments.clone(nameOf(name), newName, waiter), describe),
    async rollbackVenv({ message: { name, generation } }: Incoming<typeof RollbackVenvRequestSchema>) {
      return completed(message(await environments.rollback(nameOf(name), generation)));
    },
    async deleteVenv({ message: { name, force } }: Incoming<typeof DeleteVenvRequestSchema>, { principal }: Call) {
      if (name === '')
        throw errors.invalidArgument('name is empty: say which environment is to be deleted', { field: 'name' });
      const freed = await environments.delete(name, force, principal);
      return create(DeleteVenvResponseSchema, { freedBytes: BigInt(freed) });
    },
    async getVenv({ message }: Incoming<typeof GetVenvRequestSchema>) {
      const name = nameOf(message.name);
      const isExternal = isAbsolute(name) || name === adminName;
      return completed(await (isExternal ? external(name) : measuredMessage(await environments.look(name))));
    },
    async listVenvs({ message: { labels } }: Incoming<typeof ListVenvsRequestSchema>) {
      const waiting = await environments.names();
      const found: Venv[] = [];
      const next = async () => {
        for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
          const state = await environments.look(name).catch(() => undefined); // deleted meanwhile
          if (state === undefined || !hasLabels(state, labels)) continue;
          found.push(await measuredMessage(state));
        }
      };
      await Promise.all(Array.from({ length: atOnce }, next));
      if (Object.keys(labels).length === 0) found.push(await external(adminName));
      found.sort((a, b) => (a.name < b.name ? -1 : 1));
      return create(ListVenvsResponseSchema, { venvs: await allCompleted(found) });
    },
  };
}

function hasLabels({ record }: EnvironmentState, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([key, value]) => record?.labels?.[key] === value);
}

function specOf(spec: VenvSpec | undefined): AskedSpec {
  const { python = '', packages = [], requirements = '', index, labels = {} } = spec ?? {};
  return { python, packages, requirements, index: indexOf(index), labels };
}

/** Options that say nothing are none. */
function indexOf(index: IndexOptions | undefined): AskedIndex | undefined {
  if (index === undefined) return undefined;
  const { defaultIndex, extraIndexes, offline, allowBuild, excludeNewer, requireHashes } = index;
  const saysNothing =
    defaultIndex === '' && extraIndexes.length === 0 && !offline && !allowBuild && !excludeNewer && !requireHashes;
  if (saysNothing) return undefined;
  const newest = excludeNewer === undefined ? undefined : timestampDate(excludeNewer);
  return { defaultIndex, extraIndexes, offline, allowBuild, requireHashes, excludeNewer: newest };
}
