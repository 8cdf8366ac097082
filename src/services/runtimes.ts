/** HostService's runtimes: which interpreters there are, and installing, removing and choosing them. */

import { isAbsolute } from 'node:path';
import { create } from '@bufbuild/protobuf';
import type { Call, Incoming, ServiceImpl } from '../call.ts';
import { type BeepError, errors, quoted } from '../errors.ts';
import {
  type GetRuntimeRequestSchema,
  type GetRuntimeResponse,
  GetRuntimeResponseSchema,
  type HostService,
  type InstallRuntimeRequestSchema,
  type InstallRuntimeResponse,
  InstallRuntimeResponseSchema,
  type ListRuntimesRequestSchema,
  type ListRuntimesResponse,
  ListRuntimesResponseSchema,
  type PythonRuntime,
  PythonRuntimeSchema,
  type SetDefaultRuntimeRequestSchema,
  type SetDefaultRuntimeResponse,
  SetDefaultRuntimeResponseSchema,
  type UninstallRuntimeRequestSchema,
  type UninstallRuntimeResponse,
  UninstallRuntimeResponseSchema,
} from '../gen/es/beep/python/v1/host_pb.ts';
import type { DefaultRuntime } from '../runtimes/default-runtime.ts';
import type { Download } from '../runtimes/downloads.ts';
import type { FoundRuntime } from '../runtimes/find.ts';
import { availableRuntimes, type InstallOptions, installRuntime, removeRuntime } from '../runtimes/install.ts';
import { parseVersionRequest, whyNotAsked } from '../runtimes/version-request.ts';
import { type ChangeProgress, createChanges, type Waiter } from '../venvs/changes/changes.ts';
import { updatesOf } from './updates.ts';

/** What the runtimes need. */
export interface RuntimeServiceOptions extends InstallOptions {
  readonly chosen: DefaultRuntime;
  /** Names of environments by the path of the interpreter that they stand on. */
  readonly environmentsByInterpreter: () => Promise<ReadonlyMap<string, readonly string[]>>;
}

/** Looking at every folder takes 10 ms, and `GetHost` is called by whoever wants to know that there is a gateway. */
const defaultValidMs = 5000;

type Methods = 'listRuntimes' | 'getRuntime' | 'installRuntime' | 'uninstallRuntime' | 'setDefaultRuntime';

/** The methods, and what ends an installation that is under way. */
export interface RuntimeService {
  readonly service: Required<Pick<ServiceImpl<typeof HostService>, Methods>>;
  /** Of the default runtime; empty where there is none. What others change on this machine shows after a few seconds. */
  defaultId(): Promise<string>;
  /** Says of runtimes inside of other messages what no record says: which is the default, and who stands on them. */
  complete(shown: readonly PythonRuntime[]): Promise<void>;
  close(): Promise<void>;
}

/** Makes the methods. */
export function createRuntimeService(options: RuntimeServiceOptions): RuntimeService {
  const { runtimes, chosen } = options;
  // One after the other, whatever runtime they are about; who asks for the same shares it.
  const changes = createChanges();
  const change = <T>(
    key: string,
    work: (onProgress: (progress: ChangeProgress) => void, signal: AbortSignal) => Promise<T>,
    waiter: Waiter,
  ) => changes.run({ name: 'runtimes', key, summary: key, work }, waiter);

  let known: { readonly runtime: Promise<FoundRuntime | undefined>; readonly validUntil: number } | undefined;
  const knownDefault = (): Promise<FoundRuntime | undefined> => {
    if (known === undefined || performance.now() > known.validUntil) {
      const runtime = runtimes.default().then((found) => found.runtime);
      known = { runtime, validUntil: performance.now() + defaultValidMs };
      runtime.catch(() => {
        known = undefined;
      });
    }
    return known.runtime;
  };
  const choose = async (runtime: FoundRuntime | undefined): Promise<void> => {
    await chosen.write(runtime);
    known = undefined;
  };

  const shown = async (found: readonly FoundRuntime[]): Promise<PythonRuntime[]> => {
    const [environments, byDefault] = await Promise.all([options.environmentsByInterpreter(), runtimes.default()]);
    return found.map((runtime) =>
      create(PythonRuntimeSchema, {
        id: runtime.id,
        implementation: runtime.implementation,
        version: runtime.version,
        path: runtime.path,
        source: runtime.source,
        managed: runtime.source === 'managed',
        default: runtime.path === byDefault.runtime?.path,
        usable: runtime.whyNot === undefined,
        unusableReason: runtime.whyNot ?? '',
        venvs: [...(environments.get(runtime.path) ?? [])],
        abi: runtime.abi,
      }),
    );
  };
  const shownOne = async (runtime: FoundRuntime) => (await shown([runtime]))[0] as PythonRuntime;

  /** By id or path also one that cannot be used: what is wrong with it is the answer then. */
  const get = async (wanted: string, verify: boolean): Promise<FoundRuntime> => {
    const named = await runtimes.look(wanted, verify);
    if (named !== undefined) return named;
    const found = await runtimes.find(wanted);
    return verify ? ((await runtimes.look(found.path, true)) ?? found) : found;
  };

  const service: RuntimeService['service'] = {
    async listRuntimes({ message }: Incoming<typeof ListRuntimesRequestSchema>): Promise<ListRuntimesResponse> {
      const request = message.version === '' ? undefined : parseVersionRequest(message.version);
      const isAsked = (runtime: FoundRuntime | Download) =>
        request === undefined || (runtime.version !== '' && whyNotAsked(request, runtime) === undefined);
      const found = await runtimes.list();
      const available = message.includeAvailable ? await availableRuntimes(options) : [];
      const isInstalled = ({ key }: Download) => found.some((one) => one.source === 'managed' && one.key === key);
      return create(ListRuntimesResponseSchema, {
        runtimes: [
          ...(await shown(found.filter(isAsked))),
          ...available.filter((download) => isAsked(download) && !isInstalled(download)).map(shownDownload),
        ],
      });
    },

    async getRuntime({ message }: Incoming<typeof GetRuntimeRequestSchema>): Promise<GetRuntimeResponse> {
      const runtime = await get(message.runtime, message.verify);
      const ofChoice = message.runtime === '' ? (await runtimes.default()).problem : undefined;
      const problems = [runtime.whyNot, ofChoice].filter((problem) => problem !== undefined);
      return create(GetRuntimeResponseSchema, {
        runtime: await shownOne(runtime),
        problems: message.verify ? problems : [],
      });
    },

    async *installRuntime(
      { message }: Incoming<typeof InstallRuntimeRequestSchema>,
      call: Call,
    ): AsyncGenerator<InstallRuntimeResponse> {
      const { version } = message;
      if (isAbsolute(version)) throw errors.invalidArgument(`a path cannot be installed: ${quoted(version)}`);
      const updates = updatesOf<ChangeProgress, FoundRuntime>(async (onProgress) => {
        const waiter = { onProgress, onAbort: call.onAbort.bind(call) };
        const installed = await change(
          `install ${version.trim()}`,
          (tell, signal) => installRuntime(version, options, tell, signal),
          waiter,
        );
        if (message.setDefault) await choose(installed);
        known = undefined;
        return installed;
      });
      for await (const update of updates) {
        yield create(InstallRuntimeResponseSchema, {
          update:
            'result' in update
              ? { case: 'runtime', value: await shownOne(update.result) }
              : { case: 'progress', value: shownProgress(update.progress) },
        });
      }
    },

    async uninstallRuntime(
      { message }: Incoming<typeof UninstallRuntimeRequestSchema>,
      call: Call,
    ): Promise<UninstallRuntimeResponse> {
      const id = message.runtimeId;
      const work = async () => {
        const found = await runtimes.list();
        const runtime = found.find((one) => one.id === id);
        if (runtime === undefined) throw noSuchId(id, found);
        if (runtime.source !== 'managed') throw notOurs(runtime);
        const environments = (await options.environmentsByInterpreter()).get(runtime.path) ?? [];
        if (environments.length > 0) throw errors.runtimeInUse(id, environments);
        const choice = await chosen.read().catch(() => undefined);
        await removeRuntime(runtime, options);
        if (choice?.path === runtime.path) await choose(undefined);
        known = undefined;
      };
      await change(`uninstall ${id}`, work, { onProgress: () => {}, onAbort: call.onAbort.bind(call) });
      return create(UninstallRuntimeResponseSchema, {});
    },

    async setDefaultRuntime({
      message,
    }: Incoming<typeof SetDefaultRuntimeRequestSchema>): Promise<SetDefaultRuntimeResponse> {
      const found = await runtimes.find(message.runtime);
      const runtime = await runtimes.look(found.path, true);
      if (runtime?.whyNot !== undefined) throw errors.runtimeBroken(message.runtime, runtime.whyNot);
      await choose(found);
      return create(SetDefaultRuntimeResponseSchema, { runtime: await shownOne(found) });
    },
  };
  return {
    service,
    defaultId: async () => (await knownDefault())?.id ?? '',
    async complete(shown) {
      const [environments, byDefault] = await Promise.all([options.environmentsByInterpreter(), knownDefault()]);
      for (const runtime of shown) {
        runtime.default = runtime.path !== '' && runtime.path === byDefault?.path;
        runtime.venvs = [...(environments.get(runtime.path) ?? [])];
      }
    },
    close: () => changes.close(),
  };
}

function shownDownload({ key, implementation, version }: Download): PythonRuntime {
  return create(PythonRuntimeSchema, {
    id: key,
    implementation,
    version,
    source: 'managed',
    managed: true,
    usable: false,
    unusableReason: 'it is not installed',
  });
}

function shownProgress({ done = 0, total = 0, ...progress }: ChangeProgress) {
  return { ...progress, done: BigInt(done), total: BigInt(total) };
}

/** Only an id says which one is meant; who gives a version learns whose it is. */
function noSuchId(wanted: string, found: readonly FoundRuntime[]): BeepError {
  const meant = found.filter(({ version }) => version === wanted);
  const ours = meant.filter(({ source }) => source === 'managed').map(({ id }) => quoted(id));
  if (ours.length > 0) return errors.runtimeNotFound(wanted, `a runtime is removed by its id: ${ours.join(' or ')}`);
  const [other] = meant;
  if (other !== undefined) return notOurs(other);
  return errors.runtimeNotFound(wanted, 'list the runtimes; their ids are what is removed');
}

function notOurs({ id, source, path }: FoundRuntime): BeepError {
  const where = source === 'path' ? 'on the PATH' : `by ${source}`;
  return errors.invalidArgument(
    `runtime is not ours to remove: ${quoted(id)}: found ${where} at ${path}; only those that were installed here can be removed`,
    { runtime: id },
  );
}
