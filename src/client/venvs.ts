/** Virtual environments and their packages. */
import { CheckLevel, ExportFormat, type VenvUpdate } from '../gen/es/beep/python/v1/venv_pb.ts';
import type { CallOptions, Link, Services } from './link.ts';
import { checked } from './option-names.ts';
import { once, persistently } from './persistence.ts';
import { resultOfWork } from './updates.ts';
import {
  type PackageChange,
  type PackageInfo,
  packageChangeOf,
  packageInfoOf,
  type VenvChange,
  type VenvInfo,
  venvChangeOf,
  venvInfoOf,
} from './venv-info.ts';
import {
  type EnsureOptions,
  ensureNames,
  type IndexOptions,
  type InstallOptions,
  indexOf,
  installNames,
  type VenvOptions,
  venvNames,
  venvSpec,
} from './venv-options.ts';
import { Work } from './work.ts';

type Service = Services['venvs'];
type CallWith = { readonly signal: AbortSignal };

/** The environments of a gateway's machine. Where a name may be left out, that is the default environment. */
export class Venvs {
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  /** Has the environment that is described, making or changing it only where needed; what others put in stays. */
  ensure(options: EnsureOptions = {}): Work<VenvChange> {
    const { signal, name, provider, model, accelerator, ...spec } = checked(options, ensureNames, 'venvs.ensure()');
    const request = { name, provider, model, accelerator, spec: venvSpec(spec) };
    return this.#work(signal, true, (venvs, call) => venvs.ensureVenv(request, call));
  }

  /** Makes a new one. Throws VENV_EXISTS where the name is taken. */
  create(name: string, options: VenvOptions = {}): Work<VenvChange> {
    const { signal, ...spec } = checked(options, venvNames, 'venvs.create()');
    const request = { name, spec: venvSpec(spec) };
    return this.#work(signal, false, (venvs, call) => venvs.createVenv(request, call));
  }

  /** Makes a copy under another name. */
  clone(name: string, newName: string, { signal }: CallOptions = {}): Work<VenvChange> {
    return this.#work(signal, false, (venvs, call) => venvs.cloneVenv({ name, newName }, call));
  }

  /** One environment. */
  async get(name = '', { signal }: CallOptions = {}): Promise<VenvInfo> {
    return venvInfoOf(await this.#ask(signal, (venvs, call) => venvs.getVenv({ name }, call)));
  }

  /** All of them, also broken ones; with labels, those that have all of them. */
  async list(
    options: CallOptions & { readonly labels?: Readonly<Record<string, string>> } = {},
  ): Promise<readonly VenvInfo[]> {
    const { labels, signal } = checked(options, { labels: true, signal: true }, 'venvs.list()');
    const { venvs } = await this.#ask(signal, (venvs, call) => venvs.listVenvs({ labels: { ...labels } }, call));
    return venvs.map(venvInfoOf);
  }

  /** Removes one; refused while sessions use it, unless `force` closes them. Answers with the bytes of disk that are free now. */
  async delete(name: string, options: CallOptions & { readonly force?: boolean } = {}): Promise<number> {
    const { force, signal } = checked(options, { force: true, signal: true }, 'venvs.delete()');
    const call = () => this.#link.services.venvs.deleteVenv({ name, force }, { signal });
    return Number((await once(this.#link, call, signal)).freedBytes);
  }

  /** Puts an earlier generation in force again: the one before, unless named. */
  async rollback(name: string, options: CallOptions & { readonly generation?: number } = {}): Promise<VenvInfo> {
    const { generation, signal } = checked(options, { generation: true, signal: true }, 'venvs.rollback()');
    const call = () => this.#link.services.venvs.rollbackVenv({ name, generation }, { signal });
    return venvInfoOf(await once(this.#link, call, signal));
  }

  /** Adds packages; those that are there already stay as they are where they can. */
  install(name: string, packages: readonly string[], options: InstallOptions = {}): Work<VenvChange> {
    const { signal, index, ...rest } = checked(options, installNames, 'venvs.install()');
    const request = { ...rest, name, packages: [...packages], index: indexOf(index) };
    return this.#work(signal, true, (venvs, call) => venvs.installPackages(request, call));
  }

  /** Removes packages, not what they required. */
  uninstall(name: string, packages: readonly string[], { signal }: CallOptions = {}): Work<VenvChange> {
    const request = { name, packages: [...packages] };
    return this.#work(signal, true, (venvs, call) => venvs.uninstallPackages(request, call));
  }

  /** Makes it hold exactly what a lock says, or what a requirements text says and what that needs. */
  sync(
    name: string,
    requirements: string,
    options: CallOptions & { readonly index?: IndexOptions } = {},
  ): Work<VenvChange> {
    const { signal, index } = checked(options, { index: true, signal: true }, 'venvs.sync()');
    const request = { name, requirements, index: indexOf(index) };
    return this.#work(signal, true, (venvs, call) => venvs.syncVenv(request, call));
  }

  /** What adding packages would do, without doing it. */
  async plan(
    name: string,
    packages: readonly string[],
    options: InstallOptions = {},
  ): Promise<{ readonly changes: readonly PackageChange[]; readonly downloadBytes: number }> {
    const { signal, index, ...rest } = checked(options, installNames, 'venvs.plan()');
    const request = { ...rest, name, packages: [...packages], index: indexOf(index) };
    const answer = await this.#ask(signal, (venvs, call) => venvs.planPackages(request, call));
    return { changes: answer.changes.map(packageChangeOf), downloadBytes: Number(answer.downloadBytes) };
  }

  /** The installed packages. */
  async packages(name = '', { signal }: CallOptions = {}): Promise<readonly PackageInfo[]> {
    const { packages } = await this.#ask(signal, (venvs, call) => venvs.listPackages({ name }, call));
    return packages.map(packageInfoOf);
  }

  /** What is wrong with it, as deep as it is looked at: each level includes those before it. Empty: nothing. */
  async check(
    name = '',
    options: CallOptions & {
      /** "INTERPRETER" unless named: it starts. */
      readonly level?: Exclude<keyof typeof CheckLevel, 'UNSPECIFIED'>;
      /** What to import, with "IMPORTS"; left out: all that the packages asked for by name hold. */
      readonly modules?: readonly string[];
    } = {},
  ): Promise<readonly { readonly subject: string; readonly message: string }[]> {
    const names = { level: true, modules: true, signal: true } as const;
    const { level = 'INTERPRETER', modules = [], signal } = checked(options, names, 'venvs.check()');
    const request = { name, level: CheckLevel[level], modules: [...modules] };
    const { problems } = await this.#ask(signal, (venvs, call) => venvs.checkVenv(request, call));
    return problems.map(({ subject, message }) => ({ subject, message }));
  }

  /** It as the text of a requirements file, or of a pylock.toml with hashes. */
  async export(
    name = '',
    options: CallOptions & { readonly format?: Exclude<keyof typeof ExportFormat, 'UNSPECIFIED'> } = {},
  ): Promise<string> {
    const { format = 'REQUIREMENTS', signal } = checked(options, { format: true, signal: true }, 'venvs.export()');
    const request = { name, format: ExportFormat[format] };
    return (await this.#ask(signal, (venvs, call) => venvs.exportVenv(request, call))).text;
  }

  /** What changes nothing, or is the same when it is asked for twice. */
  async #ask<Answer>(
    signal: AbortSignal | undefined,
    ask: (venvs: Service, call: CallOptions) => Promise<Answer>,
  ): Promise<Answer> {
    return await persistently(this.#link, () => ask(this.#link.services.venvs, { signal }), signal);
  }

  #work(
    signal: AbortSignal | undefined,
    isRepeatable: boolean,
    open: (venvs: Service, call: CallWith) => AsyncIterable<VenvUpdate>,
  ): Work<VenvChange> {
    const link = this.#link;
    const run = async (signal: AbortSignal, tell: Parameters<typeof resultOfWork>[1]) =>
      venvChangeOf(await resultOfWork(open(link.services.venvs, { signal }), tell));
    return new Work({ link, run, isRepeatable, signal });
  }
}
