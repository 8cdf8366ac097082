/**
 * The packages of an environment, read from their `*.dist-info` folders: no process is started. Nothing that stands in
 * them is trusted: they are files that anybody may have written.
 */
import { constants, existsSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { createMarkerCheck } from '../requirements/marker-check.ts';
import { normalizedName } from '../requirements/requirement.ts';
import { summarizeInstalledFiles } from './files.ts';
import { type PackageMetadata, readPackageMetadata } from './metadata.ts';
import { markerValuesOf, type SitePackages } from './site-packages.ts';

/** One of them. */
export interface ReadPackage extends PackageMetadata {
  /** Name of its `*.dist-info` folder. */
  readonly folder: string;
  readonly modules: readonly string[];
  /** Names of installed packages that require it, sorted. */
  readonly requiredBy: readonly string[];
  readonly sizeBytes: number;
  /** Asked for by name, as far as its installer noted it; else: nothing requires it. */
  readonly requested: boolean;
}

/** Packages between which others get their turn. */
const packagesAtATime = 20;
const maxMetadataBytes = 4 * 1024 * 1024;
const maxModules = 5000;
const maxRecordBytes = 32 * 1024 * 1024;

/** Reads them all, sorted by name. */
export async function readInstalledPackages(site: SitePackages): Promise<ReadPackage[]> {
  const folders = readdirSync(site.path).filter((name) => name.endsWith('.dist-info'));
  const found: OwnFacts[] = [];
  for (const [at, folder] of folders.entries()) {
    if (at % packagesAtATime === packagesAtATime - 1) await new Promise(setImmediate);
    const facts = ownFacts(site.path, folder);
    if (facts !== undefined) found.push(facts);
  }
  const requirers = requiredBy(found, site);
  return found
    .map(({ isNoted, ...facts }) => {
      const own = [...(requirers.get(normalizedName(facts.name)) ?? [])].sort();
      return { ...facts, requiredBy: own, requested: isNoted ?? own.length === 0 };
    })
    .sort((a, b) => compare(normalizedName(a.name), normalizedName(b.name)));
}

/** What a package says of itself. */
interface OwnFacts extends Omit<ReadPackage, 'requiredBy' | 'requested'> {
  /** Whether it was asked for by name; undefined where its installer does not tell. */
  readonly isNoted: boolean | undefined;
}

/** Read before, by the identity of their files: generations share them by links. */
const remembered = new Map<string, OwnFacts | undefined>();
const maxRemembered = 5000;

function ownFacts(sitePackages: string, folder: string): OwnFacts | undefined {
  const path = join(sitePackages, folder);
  const key = `${folder} ${identity(join(path, 'METADATA'))} ${identity(join(path, 'RECORD'))}`;
  let facts = remembered.get(key);
  if (facts === undefined && !remembered.has(key)) {
    facts = readOwnFacts(path, folder);
    if (remembered.size >= maxRemembered) remembered.delete(remembered.keys().next().value as string);
    remembered.set(key, facts);
  }
  return facts;
}

function readOwnFacts(path: string, folder: string): OwnFacts | undefined {
  const metadata = readPackageMetadata(readText(join(path, 'METADATA'), maxMetadataBytes), folder);
  if (metadata === undefined) return undefined;
  // uv notes it for every package that it was given in a list, and environments of ours are made from such lists.
  const isNoted =
    readText(join(path, 'INSTALLER'), 1024).trim() === 'uv' ? undefined : existsSync(join(path, 'REQUESTED'));
  const { sizeBytes, modules } = summarizeInstalledFiles(readText(join(path, 'RECORD'), maxRecordBytes));
  const facts = { ...metadata, folder, sizeBytes, modules: modules.slice(0, maxModules) };
  // Pieces of a text keep all of it in memory: what is remembered is written anew.
  return { ...JSON.parse(JSON.stringify(facts)), isNoted };
}

function identity(path: string): string {
  const stat = fileStat(path);
  return stat === undefined ? '-' : `${stat.dev}.${stat.ino}.${stat.size}.${stat.mtimeMs}`;
}

/** Who requires whom; a requirement of an extra, or for another Python or machine, does not count. */
function requiredBy(packages: readonly PackageMetadata[], site: SitePackages): Map<string, Set<string>> {
  const holds = createMarkerCheck(markerValuesOf(site));
  const requirers = new Map<string, Set<string>>(packages.map(({ name }) => [normalizedName(name), new Set()]));
  for (const { name, requires } of packages) {
    for (const requirement of requires) {
      const [, required = ''] = /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)/.exec(requirement) ?? [];
      const known = requirers.get(normalizedName(required));
      if (known === undefined) continue;
      const marker = requirement.indexOf(';');
      if (marker < 0 || holds(requirement.slice(marker + 1))) known.add(name);
    }
  }
  return requirers;
}

/** The text of a file; empty where it is none. A pipe in its place does not hold us up. */
function readText(path: string, maxBytes: number): string {
  const stat = fileStat(path);
  if (stat === undefined || stat.size > maxBytes) return '';
  try {
    return readFileSync(path, { encoding: 'utf8', flag: constants.O_RDONLY | constants.O_NONBLOCK });
  } catch {
    return '';
  }
}

function fileStat(path: string): Stats | undefined {
  try {
    const stat = statSync(path);
    return stat.isFile() ? stat : undefined;
  } catch {
    return undefined;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
