/**
 * One package request: name, extras, version and marker (PEP 508), written anew from what was understood, so that nothing
 * reaches uv that was not looked at. By default no URL, path or option: those can run code of theirs.
 */
import type { Requirement } from 'pip-requirements-js';
import { type BeepError, errors, quoted } from '../../errors.ts';
import { withoutCredentials } from '../../uv/redact.ts';
import { writeMarker } from './marker.ts';
import { loadRequirementLibraries, type RequirementLibraries } from './requirement-libraries.ts';

/** A request that was understood. */
export interface PackageRequest {
  /** As indexes write it: lower case, with single hyphens (PEP 503). */
  readonly name: string;
  readonly extras: readonly string[];
  /** Such as `>=2,<3`; empty: any version. */
  readonly specifiers: string;
  /** Such as `python_version < "3.12"`; empty: always. */
  readonly marker: string;
  /** Of a direct reference, where those are allowed. */
  readonly url: string | undefined;
  /** The whole request for uv, without hashes. */
  readonly text: string;
}

/** What the settings allow; a `Config` is one. */
export interface RequirementPolicy {
  readonly allowDirectReferences: boolean;
}

const maxLength = 4096;
const maxNameLength = 128;
const right = 'it is name, extras, version and marker, such as pandas[excel]>=2,<3; python_version >= "3.10"';
const namePattern = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const directSchemes = /^(?:https?|file|git\+https?|git\+ssh):\/\//i;
/** Entries between which others get their turn: the parser takes a moment for each. */
const entriesAtATime = 10;

/** Reads the requests of a list; `field` is its name in the request. Throws PACKAGE_SPEC_INVALID for the first that is wrong. */
export async function readPackageRequests(
  entries: readonly string[],
  policy: RequirementPolicy,
  field = 'packages',
): Promise<PackageRequest[]> {
  if (entries.length === 0) return [];
  const libraries = await loadRequirementLibraries();
  const requests: PackageRequest[] = [];
  for (const [at, entry] of entries.entries()) {
    requests.push(readPackageRequest(entry, `${field}[${at}]`, policy, libraries));
    await giveWay(at);
  }
  return requests;
}

/** Lets others have their turn now and then; `at` counts the entries. */
export async function giveWay(at: number): Promise<void> {
  if (at % entriesAtATime === entriesAtATime - 1) await new Promise(setImmediate);
}

/** Reads names of packages, as UninstallPackages takes them; as indexes write them. */
export function readPackageNames(entries: readonly string[], field = 'packages'): string[] {
  return entries.map((entry, at) => {
    const name = entry.trim();
    const why = whyNotAPackageName(name);
    if (why !== undefined) throw invalid(entry, `${why}; here it is a name alone, such as pandas`, `${field}[${at}]`);
    return normalizedName(name);
  });
}

/** Reads one request; `where` is said in its error. */
export function readPackageRequest(
  entry: string,
  where: string,
  policy: RequirementPolicy,
  libraries: RequirementLibraries,
): PackageRequest {
  const text = entry.trim();
  const why = whyNotAtAll(text);
  if (why !== undefined) throw invalid(entry, `${why}; ${right}`, where);
  const parsed = parse(text, libraries);
  if (typeof parsed === 'string') throw invalid(entry, `${parsed}; ${right}`, where);
  const badName = whyNotAPackageName(parsed.name) ?? parsed.extras?.map(whyNotAPackageName).find(Boolean);
  if (badName !== undefined) throw invalid(entry, `${badName}; ${right}`, where);
  if (parsed.type === 'ProjectURL') {
    const refusal = whyNotThisReference(parsed.url, policy);
    if (refusal !== undefined) throw invalid(entry, refusal, where);
  }
  const versions = parsed.type === 'ProjectName' ? (parsed.versionSpec ?? []) : [];
  for (const { operator, version } of versions) {
    if (!libraries.isSpecifier(`${operator}${version}`)) {
      throw invalid(entry, `${quoted(operator + version)} is no version specifier (PEP 440); ${right}`, where);
    }
  }
  const name = normalizedName(parsed.name);
  const extras = [...new Set(parsed.extras?.map(normalizedName))];
  const specifiers = versions.map(({ operator, version }) => `${operator}${version}`).join(',');
  const marker = parsed.environmentMarkerTree ? writeMarker(parsed.environmentMarkerTree) : '';
  const url = parsed.type === 'ProjectURL' ? parsed.url : undefined;
  const shownExtras = extras.length === 0 ? '' : `[${extras.join(',')}]`;
  // The space before the marker belongs to the grammar of direct references: an address may end with a semicolon.
  const shownMarker = marker === '' ? '' : ` ; ${marker}`;
  const requested = `${name}${shownExtras}${url === undefined ? specifiers : ` @ ${url}`}${shownMarker}`;
  return { name, extras, specifiers, marker, url, text: requested };
}

/** A package's name as indexes write it (PEP 503). */
export function normalizedName(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}

/** What is wrong whatever a parser says of it, and what the parser would let through. */
function whyNotAtAll(text: string): string | undefined {
  if (text === '') return 'it is empty';
  if (text.length > maxLength) return `it is longer than ${maxLength} characters`;
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)) return 'it contains a control character or a line break';
  if (text.startsWith('-')) return 'it is an option; only packages are asked for here';
  if (text.includes('${')) return 'it contains "${": variables are not filled in';
  if (/[^\x00-\x7f]/.test(text)) return 'it contains letters that package names do not have';
  if (/^[.~/\\]|^[a-z]:[\\/]/i.test(text)) return 'it is a path; only packages are asked for here';
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return 'it is a URL without a name; a direct reference is name @ URL';
  if (/\.(?:whl|zip|tar\.gz|tgz|tar\.bz2)$/i.test(text) && !text.includes('@')) return 'it is a file, not a name';
  if (text.includes('#') && !text.includes('@')) return 'it contains a comment';
  return undefined;
}

function whyNotAPackageName(name: string): string | undefined {
  if (name === '') return 'it names no package';
  if (name.length > maxNameLength) return `its name is longer than ${maxNameLength} characters`;
  if (!namePattern.test(name)) {
    return `${quoted(name)} is no name: letters, digits, ".", "_" and "-", with a letter or digit first and last`;
  }
  return undefined;
}

function whyNotThisReference(url: string, policy: RequirementPolicy): string | undefined {
  if (!policy.allowDirectReferences) {
    return 'direct references are not allowed here; ask for a name, or start the gateway with --allow-direct-references';
  }
  if (directSchemes.test(url)) return undefined;
  return 'its URL begins with none of https://, http://, file:///, git+https:// and git+ssh://';
}

/** The parsed request, or why it is none. */
function parse(text: string, libraries: RequirementLibraries) {
  let parsed: Requirement | null;
  try {
    parsed = parseWithMarker(text, libraries);
  } catch (error) {
    return whyItCannotBeParsed(text, error);
  }
  if (parsed === null) return 'it is empty';
  if (parsed.type === 'RequirementsFile' || parsed.type === 'ConstraintsFile') return 'it is an option';
  if (parsed.type === 'ProjectName' && parsed.versionSpec?.length === 0 && text.includes('(')) {
    return 'there is no version between its brackets';
  }
  return parsed;
}

/** The library knows no marker behind a URL. */
function parseWithMarker(text: string, { parseRequirement }: RequirementLibraries): Requirement | null {
  const [, reference, marker] = /^([^@;]+@\s*\S+)\s+;\s*(.+)$/.exec(text) ?? [];
  if (reference === undefined) return parseRequirement(text);
  const parsed = parseRequirement(reference);
  const marked = parseRequirement(`a; ${marker}`);
  if (parsed?.type !== 'ProjectURL' || marked?.type !== 'ProjectName') return parseRequirement(text);
  return { ...parsed, ...(marked.environmentMarkerTree && { environmentMarkerTree: marked.environmentMarkerTree }) };
}

function whyItCannotBeParsed(text: string, error: unknown): string {
  if (error instanceof RangeError) return 'it is nested too deeply';
  if (/--hash\b/.test(text)) return 'hashes stand in requirements texts only';
  if (/^[^=<>!~;]*[^=<>!~;\s]\s*=(?!=)/.test(text)) return 'a version is asked for with "==", not with "="';
  if (text.includes('===')) return 'a version is asked for with "==", not with "==="';
  const column = Number(/col (\d+)/.exec(error instanceof Error ? error.message : '')?.[1] ?? 1);
  const rest = text.slice(column - 1);
  return rest === '' ? 'it ends too early' : `it goes wrong at ${quoted(rest.slice(0, 40))} (character ${column})`;
}

function invalid(entry: string, why: string, where: string): BeepError {
  return errors.packageSpecInvalid(withoutCredentials(entry), why, where);
}
