/** Where packages come from, for one request: what it asks for, within what the host allows, else the host's own. */
import { errors, quoted } from '../errors.ts';
import { noPipConfiguration, type PipConfiguration } from './pip-configuration.ts';
import { secretsOf, withoutCredentials } from './redact.ts';

/** What is in force for one call of uv. */
export interface PackageIndex {
  /** Empty: uv's own, the Python package index. */
  readonly defaultIndex: string;
  /** Asked first, in this order; a package is taken from the first index that has it. */
  readonly extraIndexes: readonly string[];
  /** Folders and pages with files of packages. */
  readonly findLinks: readonly string[];
  /** Only `findLinks`. */
  readonly noIndex: boolean;
  /** Only the cache and local `findLinks`. */
  readonly offline: boolean;
  readonly allowBuild: boolean;
  readonly requireHashes: boolean;
  /** Only files published before it. */
  readonly excludeNewer: Date | undefined;
  /** Hosts whose certificates are not looked at. */
  readonly insecureHosts: readonly string[];
  readonly certificateFile: string | undefined;
  readonly clientCertificateFile: string | undefined;
  readonly proxy: string | undefined;
  readonly timeoutSeconds: number | undefined;
}

/** What a request asks for; the fields of `IndexOptions`. */
export interface AskedIndex {
  readonly defaultIndex: string;
  readonly extraIndexes: readonly string[];
  readonly offline: boolean;
  readonly allowBuild: boolean;
  readonly excludeNewer?: Date | undefined;
  readonly requireHashes: boolean;
}

/** The host's settings about it; a `Config` is one. */
export interface IndexSettings {
  readonly packageIndex: string;
  readonly extraPackageIndex: readonly string[];
  readonly findPackages: readonly string[];
  readonly allowExtraIndexes: boolean;
  readonly packageBuilds: 'on-request' | 'never';
  readonly offline: boolean;
}

/** Throws INVALID_ARGUMENT for what is no address, FORBIDDEN for what the settings do not allow. */
export type ResolveIndex = (asked?: AskedIndex) => Promise<PackageIndex>;

/** What is in force for requests: theirs, else the settings', else pip's configuration. */
export function createIndexResolver(settings: IndexSettings, pip: () => Promise<PipConfiguration>): ResolveIndex {
  return async (asked) => {
    if (asked !== undefined) refuse(asked, settings);
    const configured = await (namesSource(settings) ? pip().catch(() => noPipConfiguration) : pip());
    const hosts = hostSources(settings, configured);
    const own = asked !== undefined && asked.defaultIndex !== '';
    return {
      // A request that names its index is not answered from the host's other ones.
      defaultIndex: own ? asked.defaultIndex : hosts.defaultIndex,
      extraIndexes: [...(asked?.extraIndexes ?? []), ...(own ? [] : hosts.extraIndexes)],
      findLinks: own ? [] : hosts.findLinks,
      noIndex: own ? false : hosts.noIndex,
      offline: settings.offline || asked?.offline === true,
      allowBuild: asked?.allowBuild === true,
      requireHashes: asked?.requireHashes === true,
      excludeNewer: asked?.excludeNewer,
      insecureHosts: configured.trustedHosts,
      certificateFile: configured.certificateFile,
      clientCertificateFile: configured.clientCertificateFile,
      proxy: configured.proxy,
      timeoutSeconds: configured.timeoutSeconds,
    };
  };
}

/** Then what pip says is not needed to know where packages come from. */
function namesSource({ packageIndex, extraPackageIndex, findPackages }: IndexSettings): boolean {
  return packageIndex !== '' || extraPackageIndex.length > 0 || findPackages.length > 0;
}

/** Settings of ours that name a source stand for all of pip's. */
function hostSources(settings: IndexSettings, pip: PipConfiguration) {
  if (!namesSource(settings)) return pip;
  return {
    defaultIndex: settings.packageIndex,
    extraIndexes: settings.extraPackageIndex,
    findLinks: settings.findPackages,
    noIndex: false,
  };
}

function refuse(asked: AskedIndex, settings: IndexSettings): void {
  for (const [field, address] of [
    ...(asked.defaultIndex === '' ? [] : [['index.default_index', asked.defaultIndex] as const]),
    ...asked.extraIndexes.map((extra, at) => [`index.extra_indexes[${at}]`, extra] as const),
  ]) {
    const why = whyNotAnIndex(address);
    if (why !== undefined)
      throw errors.invalidArgument(`${field} cannot be ${quoted(withoutCredentials(address))}: ${why}`, { field });
  }
  if (asked.excludeNewer !== undefined && Number.isNaN(asked.excludeNewer.getTime())) {
    const field = 'index.exclude_newer';
    throw errors.invalidArgument(`${field} is no moment; it lies between the years 1 and 9999`, { field });
  }
  if (asked.extraIndexes.length > 0 && !settings.allowExtraIndexes) {
    throw errors.forbidden(
      'further indexes are not allowed here: index.extra_indexes has to be empty; name one with index.default_index, or start the gateway with --allow-extra-indexes',
      { field: 'index.extra_indexes' },
    );
  }
  if (asked.allowBuild && settings.packageBuilds === 'never') {
    throw errors.forbidden(
      'builds are not allowed here: leave out index.allow_build, or start the gateway with --package-builds on-request',
      { field: 'index.allow_build' },
    );
  }
}

/** Why a text cannot be the address of an index; undefined if it can. */
export function whyNotAnIndex(address: string): string | undefined {
  // Spaces part addresses in uv's variables.
  if (/[\s\p{Cc}]/u.test(address)) return 'it contains a space or a control character';
  const url = URL.parse(address);
  if (url === null || !/^https?:\/\//i.test(address)) return 'it is no URL that begins with https:// or http://';
  if (url.hostname === '') return 'it names no host';
  return undefined;
}

/** uv's variables; credentials travel in these, since arguments can be seen by others. */
export function indexVariables(index: PackageIndex | undefined): Record<string, string> {
  if (index === undefined) return {};
  const all: Record<string, string | undefined> = {
    UV_DEFAULT_INDEX: index.defaultIndex,
    UV_INDEX: index.extraIndexes.join(' '),
    UV_FIND_LINKS: index.findLinks.join(','),
    UV_OFFLINE: index.offline ? '1' : '',
    UV_REQUIRE_HASHES: index.requireHashes ? '1' : '',
    UV_EXCLUDE_NEWER: index.excludeNewer?.toISOString(),
    UV_INSECURE_HOST: index.insecureHosts.join(' '),
    UV_HTTP_TIMEOUT: index.timeoutSeconds?.toString(),
    // What the gateway was started with goes before pip's.
    SSL_CERT_FILE: process.env.SSL_CERT_FILE || index.certificateFile,
    SSL_CLIENT_CERT: index.clientCertificateFile,
    ALL_PROXY: process.env.ALL_PROXY || index.proxy,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value)) as Record<string, string>;
}

/** uv's arguments that have no variable. */
export function indexArguments(index: PackageIndex | undefined): string[] {
  if (index === undefined) return [];
  return [...(index.allowBuild ? [] : ['--no-build']), ...(index.noIndex ? ['--no-index'] : [])];
}

/** What may appear in no text. */
export function indexSecrets(index: PackageIndex | undefined): string[] {
  if (index === undefined) return [];
  const { defaultIndex, extraIndexes, findLinks, proxy = '' } = index;
  return secretsOf([defaultIndex, ...extraIndexes, ...findLinks, proxy]);
}
