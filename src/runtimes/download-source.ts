/** Where interpreters are downloaded from: uv's own list and addresses, unless the settings say otherwise. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BeepError, errors } from '../errors.ts';
import { withoutCredentials } from '../uv/redact.ts';
import type { Download } from './downloads.ts';

/** The settings about it; a `Config` is one. */
export interface DownloadSettings {
  /** In the place of the address of python-build-standalone's releases; empty: that address. */
  readonly pythonMirror: string;
  /** In the place of the address of PyPy's downloads; empty: that address. */
  readonly pypyMirror: string;
  /** Path or address of a list of downloads in uv's format; empty: the list that uv brings along. */
  readonly pythonDownloads: string;
  /** Nothing is downloaded. */
  readonly offline: boolean;
}

/** What uv needs to know of it. */
export interface DownloadSource {
  readonly variables: Readonly<Record<string, string>>;
  /** Throws OFFLINE_MISS for what is elsewhere and may not be had, DOWNLOAD_INVALID for what the list has no checksum of. */
  mustBeAllowed(download: Download): void;
}

const maxListBytes = 64 * 1024 * 1024;
const listTimeoutMs = 30_000;

/** Reads the list once, into a folder of this installation: uv reads that copy, so that what was checked is what it uses. */
export async function openDownloadSource(
  settings: DownloadSettings,
  folder: string,
  signal?: AbortSignal,
): Promise<DownloadSource> {
  const variables: Record<string, string> = { UV_HTTP_RETRIES: '2' };
  if (settings.pythonMirror !== '') variables.UV_PYTHON_INSTALL_MIRROR = settings.pythonMirror;
  if (settings.pypyMirror !== '') variables.UV_PYPY_INSTALL_MIRROR = settings.pypyMirror;
  const mustBeHere = ({ key, url }: Download) => {
    if (!settings.offline || url.startsWith('file:')) return;
    throw errors.fromReason(
      'OFFLINE_MISS',
      `${key} is not on this machine, and the setting offline forbids a download`,
    );
  };
  // uv's own list has the checksums of all that it names.
  if (settings.pythonDownloads === '') return { variables, mustBeAllowed: mustBeHere };
  const text = await readList(settings, signal);
  const entries = parseList(text, settings.pythonDownloads);
  variables.UV_PYTHON_DOWNLOADS_JSON_URL = join(folder, 'downloads.json');
  await writeFile(variables.UV_PYTHON_DOWNLOADS_JSON_URL, text, { mode: 0o600 });
  return {
    variables,
    mustBeAllowed(download) {
      mustBeHere(download);
      const { key, version } = download;
      const same = entries.filter(
        (entry) => `${entry.major}.${entry.minor}.${entry.patch}${entry.prerelease}` === version,
      );
      if (same.every(({ sha256 }) => typeof sha256 === 'string' && /^[0-9a-f]{64}$/i.test(sha256))) return;
      throw invalid(`the list of downloads has no checksum for ${key}; add its "sha256"`);
    },
  };
}

interface Entry {
  readonly major: unknown;
  readonly minor: unknown;
  readonly patch: unknown;
  readonly prerelease: unknown;
  readonly sha256: unknown;
}

async function readList(settings: DownloadSettings, signal: AbortSignal | undefined): Promise<string> {
  const place = settings.pythonDownloads;
  try {
    if (!/^https?:/i.test(place))
      return await readFile(place.startsWith('file:') ? fileURLToPath(place) : place, 'utf8');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? 'not a path';
    throw blocked(
      `the list of downloads could not be read: ${place} (${why}); mend the setting pythonDownloads`,
      cause,
    );
  }
  if (settings.offline) throw errors.fromReason('OFFLINE_MISS', `the list of downloads is elsewhere: ${shown(place)}`);
  const url = new URL(place);
  const headers: Record<string, string> = {};
  if (url.username !== '') {
    const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers.authorization = `Basic ${Buffer.from(user).toString('base64')}`;
    url.username = '';
    url.password = '';
  }
  const timeout = AbortSignal.timeout(listTimeoutMs);
  const bound = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  try {
    const answer = await fetch(url, { headers, signal: bound });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return await readBounded(answer);
  } catch (error) {
    if (signal?.aborted) throw errors.cancelled();
    const { message, cause } = error as Error & { cause?: { code?: string } };
    throw blocked(`the list of downloads could not be had:\n${shown(place)}: ${cause?.code ?? message}`, error);
  }
}

async function readBounded(answer: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of answer.body ?? []) {
    bytes += piece.length;
    if (bytes > maxListBytes) throw new Error(`longer than ${maxListBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function parseList(text: string, place: string): Entry[] {
  try {
    const list = JSON.parse(text);
    if (typeof list === 'object' && list !== null && !Array.isArray(list)) return Object.values(list);
  } catch {
    // told below
  }
  const looksLike = /^\s*</.test(text) ? 'a web page' : 'something else';
  throw invalid(`the list of downloads is ${looksLike}, not JSON of uv's format: ${shown(place)}`);
}

function shown(place: string): string {
  return withoutCredentials(place);
}

function blocked(message: string, cause: unknown): BeepError {
  return errors.fromReason('DOWNLOAD_BLOCKED', message, { cause });
}

function invalid(message: string): BeepError {
  return errors.fromReason('DOWNLOAD_INVALID', message);
}
