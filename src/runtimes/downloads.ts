/** The interpreters that could be installed. */
import { errors, quoted } from '../errors.ts';
import { runUv, type UvPlaces } from '../uv/run.ts';
import { isTooOld } from './find.ts';
import { hostPlatform } from './platform.ts';
import { newerFirst, parseVersionRequest, type RequestedFacts, whyNotAsked } from './version-request.ts';

/** One that could be installed. */
export interface Download extends RequestedFacts {
  /** Such as `cpython-3.12.4-linux-x86_64-gnu`. */
  readonly key: string;
  /** Where it comes from; a mirror is in it already. */
  readonly url: string;
}

/** How the list is asked for. */
export interface DownloadsOptions {
  readonly places: UvPlaces;
  readonly variables: Readonly<Record<string, string>>;
  /** Every version, not only the newest of each minor one. */
  readonly all: boolean;
  readonly signal?: AbortSignal;
}

const timeoutMs = 60_000;

/** Those for this machine, newest first. */
export async function listDownloads({ places, variables, all, signal }: DownloadsOptions): Promise<Download[]> {
  const args = ['python', 'list', '--only-downloads', '--output-format', 'json', ...(all ? ['--all-versions'] : [])];
  const result = await runUv(places, args, { timeoutMs, variables, ...(signal && { signal }) });
  if (result.endedBy === 'cancel') throw errors.cancelled();
  if (result.exitCode !== 0) {
    throw errors.fromReason('DOWNLOAD_INVALID', `the list of downloads could not be read: ${result.stderr.trim()}`);
  }
  const platform = hostPlatform();
  return (JSON.parse(result.stdout) as Listed[])
    .map((listed) => ({
      key: listed.key,
      url: listed.url,
      version: listed.version,
      implementation: listed.implementation,
      isFreeThreaded: listed.variant === 'freethreaded',
      platform: `${listed.os}-${listed.arch}-${listed.libc}`,
    }))
    .filter((download) => download.platform === platform && !isTooOld(download.version))
    .sort((a, b) => newerFirst(a.version, b.version) || a.key.localeCompare(b.key));
}

interface Listed {
  readonly key: string;
  readonly url: string;
  readonly version: string;
  readonly implementation: string;
  readonly variant: string;
  readonly os: string;
  readonly arch: string;
  readonly libc: string;
}

/** The newest one that a version request asks for. Throws RUNTIME_NOT_FOUND with the nearest that there are. */
export function chooseDownload(downloads: readonly Download[], wanted: string): Download {
  const request = parseVersionRequest(wanted);
  const found = downloads.find((download) => whyNotAsked(request, download) === undefined);
  if (found !== undefined) return found;
  const same = downloads.filter(({ implementation }) => implementation === request.implementation);
  const shown = same.slice(0, 12).map(({ version, isFreeThreaded }) => `${version}${isFreeThreaded ? 't' : ''}`);
  const more = same.length > shown.length ? ` and ${same.length - shown.length} more` : '';
  throw errors.runtimeNotFound(
    wanted,
    `no download of ${quoted(request.implementation)} is that; there are: ${shown.join(', ') || 'none'}${more}`,
  );
}
