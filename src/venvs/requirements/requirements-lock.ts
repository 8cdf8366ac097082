/** The text of a pylock.toml (PEP 751): parsed and looked through before uv sees it, and written anew. */
import { errors, quoted } from '../../errors.ts';
import { withoutCredentials } from '../../uv/redact.ts';
import { normalizedName, type RequirementPolicy } from './requirement.ts';

/** What a lock says. */
export interface RequirementsLock {
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  /** Empty: any Python. */
  readonly requiresPython: string;
  /** For uv, in a file whose name is `pylock.toml`. */
  readonly text: string;
}

type Table = Readonly<Record<string, unknown>>;

const maxPackages = 10_000;
const digestDigits: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };
/** Sources of a package that are not files of an index. */
const directSources = ['vcs', 'directory', 'archive'] as const;

/** Whether a text is a lock and not a list of requirements. */
export function isLock(text: string): boolean {
  return /^\ufeff?[ \t]*lock-version[ \t]*=/m.test(text);
}

/** Reads a lock; throws PACKAGE_SPEC_INVALID for what is none, and for what it may not hold here. */
export async function readRequirementsLock(text: string, policy: RequirementPolicy): Promise<RequirementsLock> {
  const { parse, stringify } = await import('smol-toml');
  let lock: Table;
  try {
    lock = parse(text.replace(/^\ufeff/, '')) as Table;
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw invalid('pylock.toml', `it is no TOML: ${why}`);
  }
  const version = lock['lock-version'];
  if (typeof version !== 'string' || !/^1\.\d+$/.test(version)) {
    throw invalid('lock-version', `${quoted(String(version))} is not known here; it is "1.0"`);
  }
  const tables = lock.packages;
  if (!Array.isArray(tables)) throw invalid('packages', 'it is missing: a lock names its packages');
  if (tables.length > maxPackages) throw invalid('packages', `a lock has at most ${maxPackages} packages`);
  const packages = tables.map((table, at) => readPackage(table as Table, `packages[${at}]`, policy));
  const requiresPython = typeof lock['requires-python'] === 'string' ? lock['requires-python'] : '';
  return { packages, requiresPython, text: stringify(lock) };
}

function readPackage(table: Table, where: string, policy: RequirementPolicy): { name: string; version: string } {
  const { name, version = '' } = table;
  if (typeof name !== 'string' || !/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?$/.test(name)) {
    throw invalid(`${where}.name`, 'it is no name of a package');
  }
  if (typeof version !== 'string') throw invalid(`${where}.version`, 'it is no text');
  for (const source of directSources) {
    if (table[source] !== undefined && !policy.allowDirectReferences) {
      throw invalid(
        `${where}.${source}`,
        'direct references are not allowed here; take it from an index, or start the gateway with --allow-direct-references',
      );
    }
  }
  const wheels = (table.wheels ?? []) as Table[];
  if (!Array.isArray(wheels)) throw invalid(`${where}.wheels`, 'it is no list');
  for (const [at, file] of wheels.entries()) checkFile(file, `${where}.wheels[${at}]`);
  if (table.sdist !== undefined) checkFile(table.sdist as Table, `${where}.sdist`);
  return { name: normalizedName(name), version };
}

/** A file of an index has an address and a digest; a path would be one of the gateway's. */
function checkFile(file: Table, where: string): void {
  if (typeof file !== 'object' || file === null) throw invalid(where, 'it is no table');
  if (file.path !== undefined) throw invalid(`${where}.path`, 'it names a file of the gateway; give its url');
  const { url, hashes } = file;
  if (typeof url !== 'string' || !/^https?:\/\/[^\s\p{Cc}]+$/u.test(url)) {
    throw invalid(`${where}.url`, `${quoted(withoutCredentials(String(url)))} does not begin with https:// or http://`);
  }
  const digests = Object.entries((hashes ?? {}) as Table);
  if (!digests.some(([algorithm]) => Object.hasOwn(digestDigits, algorithm.toLowerCase()))) {
    throw invalid(`${where}.hashes`, 'none of sha256, sha384 and sha512 is there: such a file could be any');
  }
  for (const [algorithm, digest] of digests) {
    const digits = digestDigits[algorithm.toLowerCase()];
    if (typeof digest !== 'string' || !/^[0-9a-f]+$/i.test(digest) || (digits ?? digest.length) !== digest.length) {
      throw invalid(`${where}.hashes.${algorithm}`, 'it is no such digest in hexadecimal');
    }
  }
}

function invalid(where: string, why: string) {
  return errors.packageSpecInvalid(where, why, 'in the lock');
}
