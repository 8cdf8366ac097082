/** Installs interpreters with uv, each whole or not at all, and removes them. */
import { randomUUID } from 'node:crypto';
import { lstat, mkdir, mkdtemp, readdir, realpath, rename, rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { errors } from '../errors.ts';
import { runUv, type UvPlaces } from '../uv/run.ts';
import { downloadFailure } from './download-failure.ts';
import { followDownload } from './download-progress.ts';
import { type DownloadSettings, openDownloadSource } from './download-source.ts';
import { chooseDownload, type Download, listDownloads } from './downloads.ts';
import type { FoundRuntime } from './find.ts';
import type { RuntimeProgress } from './progress.ts';
import type { Runtimes } from './runtimes.ts';
import { parseVersionRequest, whyNotAsked } from './version-request.ts';

/** What installing needs. Only one installation or removal may run at a time; whoever calls sees to that. */
export interface InstallOptions {
  readonly places: UvPlaces;
  /** A folder of ours for what is there only while something is installed; emptied when the gateway starts. */
  readonly workFolder: string;
  readonly settings: DownloadSettings;
  readonly runtimes: Runtimes;
}

const timeoutMs = 60 * 60_000;
const workPrefix = 'download-';

/**
 * The installed runtime that a version request asks for; downloaded where there is none. Throws INVALID_ARGUMENT,
 * RUNTIME_NOT_FOUND, RUNTIME_BROKEN, CANCELLED, and what a download fails with; nothing half is left then.
 */
export async function installRuntime(
  wanted: string,
  options: InstallOptions,
  onProgress: (progress: RuntimeProgress) => void,
  signal: AbortSignal,
): Promise<FoundRuntime> {
  const request = parseVersionRequest(wanted);
  onProgress({ phase: 'resolve', item: wanted, message: `looking for ${wanted}` });
  const there = (await options.runtimes.list()).find(
    (runtime) =>
      runtime.source === 'managed' && runtime.whyNot === undefined && whyNotAsked(request, runtime) === undefined,
  );
  if (there !== undefined) return there;
  const { places, workFolder, settings } = options;
  await sweepRuntimes(options.places);
  await mkdir(workFolder, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(workFolder, workPrefix));
  try {
    const source = await openDownloadSource(settings, folder, signal);
    const downloads = await listDownloads({ places, variables: source.variables, all: true, signal });
    const download = chooseDownload(downloads, wanted);
    source.mustBeAllowed(download);
    // It may have been taken for one that hangs when the machine was busy.
    const before = await options.runtimes.look(join(places.runtimes, download.key), true);
    if (before !== undefined && before.whyNot === undefined) return before;
    await runInstall(download, { ...options, folder, variables: source.variables }, onProgress, signal);
    onProgress({ phase: 'verify', item: download.key, message: `starting ${download.key}` });
    return await verified(download, options);
  } catch (error) {
    await sweepRuntimes(options.places);
    throw signal.aborted ? (signal.reason ?? error) : error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Those that could be installed, the newest of each minor version. */
export async function availableRuntimes(options: InstallOptions): Promise<Download[]> {
  const { places, workFolder, settings } = options;
  await mkdir(workFolder, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(workFolder, workPrefix));
  try {
    const { variables } = await openDownloadSource(settings, folder);
    return await listDownloads({ places, variables, all: false });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Removes an interpreter that we installed: it is gone in one step, however long its files take. */
export async function removeRuntime({ path }: FoundRuntime, { places }: InstallOptions): Promise<void> {
  const [name = ''] = relative(await realpath(places.runtimes), path).split(sep);
  if (name === '' || name === '..') throw errors.internal(new Error(`not below ${places.runtimes}: ${path}`));
  const trash = join(places.runtimes, '.temp', randomUUID());
  await mkdir(join(places.runtimes, '.temp'), { recursive: true });
  await rename(join(places.runtimes, name), trash);
  await rm(trash, { recursive: true, force: true });
}

async function runInstall(
  { key }: Download,
  options: InstallOptions & { folder: string; variables: Readonly<Record<string, string>> },
  onProgress: (progress: RuntimeProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  const { places, folder } = options;
  const archives = join(folder, 'archives');
  using progress = followDownload(key, archives, onProgress);
  // One that is there and does not work is made anew.
  const isThere = await exists(join(places.runtimes, key));
  // With -v it also tells the sources that it gave up for the next one.
  const args = ['python', 'install', '-v', '--no-bin', ...(isThere ? ['--reinstall'] : []), key];
  const result = await runUv(places, args, {
    timeoutMs,
    signal,
    variables: { ...options.variables, UV_PYTHON_CACHE_DIR: archives },
    onLine: progress.onLine,
  });
  if (result.exitCode !== 0) {
    // It may have been put in its place before something failed.
    if (!isThere) await rm(join(places.runtimes, key), { recursive: true, force: true });
    throw downloadFailure(result, key);
  }
  await removeLinks(places.runtimes);
}

async function verified({ key }: Download, options: InstallOptions): Promise<FoundRuntime> {
  const folder = join(options.places.runtimes, key);
  const runtime = await options.runtimes.look(folder, true);
  if (runtime?.whyNot === undefined && runtime !== undefined) return runtime;
  await rm(folder, { recursive: true, force: true });
  throw errors.fromReason(
    'RUNTIME_BROKEN',
    `${key} was installed and does not work here: ${runtime?.whyNot ?? 'it has no interpreter'}; it was removed again`,
    { metadata: { runtime: key } },
  );
}

/**
 * uv keeps a link for each minor version, makes environments through it, and moves it with the next installation: they
 * would change without a word. Without the link they stay with the very version that they were made from.
 */
async function removeLinks(runtimes: string): Promise<void> {
  for (const entry of await readdir(runtimes, { withFileTypes: true }).catch(() => [])) {
    if (entry.isSymbolicLink()) await rm(join(runtimes, entry.name), { force: true });
  }
}

/** Removes what was left by an installation that was ended, or by a gateway that was killed. */
export async function sweepRuntimes({ runtimes }: Pick<UvPlaces, 'runtimes'>): Promise<void> {
  await rm(join(runtimes, '.temp'), { recursive: true, force: true });
  await removeLinks(runtimes);
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}
