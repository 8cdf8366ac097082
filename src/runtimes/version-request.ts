/**
 * What a caller says when it means one Python of several:
 *
 *     request        = [implementation ["@" | "-"]] [version ["t" | "+freethreaded"] | specifiers] | key
 *     implementation = "cpython" | "python" | "pypy" | "graalpy"
 *     version        = "3" | "3.12" | "3.12.4" | "3.15.0b1"
 *     specifiers     = those of PEP 440, such as ">=3.11,<3.13"
 *     key            = as uv names downloads, such as "cpython-3.12.4-linux-x86_64-gnu"
 */
import { compare, satisfies, valid, validRange } from '@renovatebot/pep440';
import { errors, quoted } from '../errors.ts';

/** A request that was understood. */
export interface VersionRequest {
  /** As it was given. */
  readonly text: string;
  /** `cpython` where none was named: another implementation is taken only when it is asked for. */
  readonly implementation: string;
  /** Of PEP 440; empty: any version. */
  readonly specifiers: string;
  readonly isFreeThreaded: boolean;
  /** Platform of a key, such as `linux-x86_64-gnu`; undefined where any will do. */
  readonly platform: string | undefined;
}

/** What a request looks at. */
export interface RequestedFacts {
  readonly version: string;
  readonly implementation: string;
  readonly isFreeThreaded: boolean;
  readonly platform: string;
}

const implementations: Readonly<Record<string, string>> = {
  cpython: 'cpython',
  python: 'cpython',
  pypy: 'pypy',
  graalpy: 'graalpy',
};
const maxLength = 256;
const keyPattern = /^([a-z]+)-([0-9][0-9a-z.]*)(\+freethreaded)?-((?:linux|macos|windows)-[0-9a-z_]+-[0-9a-z]+)$/;
const versionPattern = /^([0-9]+(?:\.[0-9]+){0,2}(?:(?:a|b|rc)[0-9]+)?)(t|\+freethreaded)?$/;

/** Reads a request; throws INVALID_ARGUMENT for a text that is none. */
export function parseVersionRequest(text: string): VersionRequest {
  if (text.length > maxLength) throw notUnderstood(text);
  const given = text.trim().toLowerCase();
  const key = keyPattern.exec(given);
  const [name, rest] = key === null ? split(given) : [key[1] as string, `${key[2]}${key[3] ?? ''}`];
  const implementation = name === '' ? 'cpython' : implementations[name];
  if (implementation === undefined) throw notUnderstood(text);
  const version = versionPattern.exec(rest);
  const specifiers = version === null ? rest : specifierOf(version[1] as string);
  const isUnderstood = version === null ? rest === '' || validRange(rest) : valid(version[1]) !== null;
  if (!isUnderstood) throw notUnderstood(text);
  return { text, implementation, specifiers, isFreeThreaded: version?.[2] !== undefined, platform: key?.[4] };
}

/** Why a runtime is not what was asked for; undefined if it is. */
export function whyNotAsked(request: VersionRequest, runtime: RequestedFacts): string | undefined {
  if (runtime.implementation !== request.implementation) return `is ${runtime.implementation}`;
  if (request.platform !== undefined && runtime.platform !== request.platform) return `is for ${runtime.platform}`;
  if (runtime.isFreeThreaded !== request.isFreeThreaded) {
    return runtime.isFreeThreaded ? 'is free-threaded' : 'is not free-threaded';
  }
  if (request.specifiers === '' ? isRelease(runtime.version) : satisfies(runtime.version, request.specifiers)) {
    return undefined;
  }
  const isPreRelease =
    request.specifiers === '' || satisfies(runtime.version, request.specifiers, { prereleases: true });
  return isPreRelease ? 'is a pre-release' : 'another version';
}

/** Orders versions, newest first. */
export function newerFirst(a: string, b: string): number {
  return compare(b, a);
}

function isRelease(version: string): boolean {
  return /^[0-9.]+$/.test(version);
}

function split(given: string): [string, string] {
  const [, name = '', rest = ''] = /^(?:([a-z]+)[@-]?)?(.*)$/s.exec(given) ?? [];
  return [name, rest.trim()];
}

/** `3.12` stands for every 3.12, `3.12.4` and `3.15.0b1` for themselves. */
function specifierOf(version: string): string {
  return /^[0-9]+(\.[0-9]+)?$/.test(version) ? `==${version}.*` : `==${version}`;
}

function notUnderstood(text: string) {
  return errors.invalidArgument(
    `not a version request: ${quoted(text)}; it is such as "3.12", "3.12.4", ">=3.11,<3.14", "pypy3.10" or "3.13t", a runtime's id, or an absolute path`,
    { runtime: text },
  );
}
