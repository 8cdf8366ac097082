/** The Python interpreters of the gateway's machine: found, installed, removed. */
import type { CallOptions, Link } from './link.ts';
import { checked } from './option-names.ts';
import { once, persistently } from './persistence.ts';
import { type RuntimeInfo, runtimeInfoOf } from './runtime-info.ts';
import { resultOfWork } from './updates.ts';
import { Work } from './work.ts';

/** Which interpreters are wanted. */
export interface RuntimeFilter extends CallOptions {
  /** Also those that could be installed. */
  readonly includeAvailable?: boolean;
  /** Only those that meet a version request, such as "3.12" or ">=3.11". */
  readonly version?: string;
}

/** The interpreters of a gateway's machine. */
export class Runtimes {
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  /** Those that were found or installed, also those that cannot be used, with the reason. */
  async list(filter: RuntimeFilter = {}): Promise<RuntimeInfo[]> {
    const names = { includeAvailable: true, version: true, signal: true } as const;
    const { signal, ...request } = checked(filter, names, 'runtimes.list()');
    const call = () => this.#link.services.hosts.listRuntimes(request, { signal });
    return (await persistently(this.#link, call, signal)).runtimes.map(runtimeInfoOf);
  }

  /** One by id, path or version request; the default one unless named. With `verify` it is started, and looked at. */
  async get(
    runtime = '',
    options: CallOptions & { readonly verify?: boolean } = {},
  ): Promise<RuntimeInfo & { readonly problems: readonly string[] }> {
    const { verify, signal } = checked(options, { verify: true, signal: true }, 'runtimes.get()');
    const call = () => this.#link.services.hosts.getRuntime({ runtime, verify }, { signal });
    const { runtime: found, problems } = await persistently(this.#link, call, signal);
    if (found === undefined) throw new TypeError('no runtime came');
    return { ...runtimeInfoOf(found), problems };
  }

  /** Downloads and installs one, such as "3.12" or "pypy3.10". One that is there already is the result at once. */
  install(version: string, options: CallOptions & { readonly setDefault?: boolean } = {}): Work<RuntimeInfo> {
    const { setDefault, signal } = checked(options, { setDefault: true, signal: true }, 'runtimes.install()');
    return new Work({
      link: this.#link,
      run: async (signal, tell) => {
        const updates = this.#link.services.hosts.installRuntime({ version, setDefault }, { signal });
        return runtimeInfoOf(await resultOfWork(updates, tell));
      },
      isRepeatable: true,
      signal,
    });
  }

  /** Removes one that the gateway installed; refused while environments are made from it. */
  async uninstall(runtimeId: string, { signal }: CallOptions = {}): Promise<void> {
    await once(this.#link, () => this.#link.services.hosts.uninstallRuntime({ runtimeId }, { signal }), signal);
  }

  /** Chooses the interpreter of environments that name none. */
  async setDefault(runtime: string, { signal }: CallOptions = {}): Promise<RuntimeInfo> {
    const call = () => this.#link.services.hosts.setDefaultRuntime({ runtime }, { signal });
    const { runtime: chosen } = await persistently(this.#link, call, signal);
    if (chosen === undefined) throw new TypeError('no runtime came');
    return runtimeInfoOf(chosen);
  }
}
