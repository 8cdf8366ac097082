/** The installed packages of an environment as pinned requirements: with them it can be made again. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { normalizedName } from '../requirements/requirement.ts';
import { readDirectUrl } from './direct-url.ts';

/** What a generation's folder holds, sorted by name, such as `numpy==2.3.5`; a direct reference keeps its URL. */
export async function installedPins(folder: string): Promise<string[]> {
  const lib = join(folder, 'lib');
  const versions = await readdir(lib).catch(() => []);
  const found = await Promise.all(versions.map((version) => pinsIn(join(lib, version, 'site-packages'))));
  return found.flat().sort();
}

async function pinsIn(sitePackages: string): Promise<string[]> {
  const names = await readdir(sitePackages).catch(() => []);
  const pins = await Promise.all(
    names.filter((name) => name.endsWith('.dist-info')).map((name) => pinOf(sitePackages, name)),
  );
  return pins.filter((pin) => pin !== undefined);
}

async function pinOf(sitePackages: string, folderName: string): Promise<string | undefined> {
  const [, name, version] = /^(.+?)-(.+)\.dist-info$/.exec(folderName) ?? [];
  if (name === undefined) return undefined;
  const url = await readDirectUrl(join(sitePackages, folderName));
  return url === undefined ? `${normalizedName(name)}==${version}` : `${normalizedName(name)} @ ${url}`;
}

/** The name that a requirement begins with, in its one spelling. */
export function requirementName(requirement: string): string {
  return normalizedName(/^\s*([A-Za-z0-9][A-Za-z0-9._-]*)/.exec(requirement)?.[1] ?? '');
}

/** One package's change between two sets of pins. */
export interface PinChange {
  readonly name: string;
  /** Empty: it was not there, or is there no more. */
  readonly oldVersion: string;
  readonly newVersion: string;
}

/** What differs, by name. */
export function pinChanges(before: readonly string[], after: readonly string[]): PinChange[] {
  const [old, now] = [versionsOf(before), versionsOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .sort()
    .map((name) => ({ name, oldVersion: old.get(name) ?? '', newVersion: now.get(name) ?? '' }))
    .filter(({ oldVersion, newVersion }) => oldVersion !== newVersion);
}

function versionsOf(pins: readonly string[]): Map<string, string> {
  return new Map(
    pins.map((pin) => [
      requirementName(pin),
      pin
        .slice(pin.search(/==| @ /) + 2)
        .trim()
        .replace(/^@ /, ''),
    ]),
  );
}
