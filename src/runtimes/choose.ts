/** One runtime of those that were found, or an error that says what was found and why it was rejected. */
import { type BeepError, errors, quoted } from '../errors.ts';
import type { FoundRuntime } from './find.ts';
import { parseVersionRequest, whyNotAsked } from './version-request.ts';

/**
 * The runtime with an id, or the newest one that a version request asks for. Throws INVALID_ARGUMENT for a text that is
 * neither, RUNTIME_NOT_FOUND where none is what was asked for, and RUNTIME_BROKEN or PYTHON_INCOMPATIBLE where none of
 * those that are can be used.
 */
export function chooseRuntime(runtimes: readonly FoundRuntime[], wanted: string): FoundRuntime {
  const named = runtimes.find(({ id }) => id === wanted);
  if (named !== undefined) return mustBeUsable(named);
  const request = parseVersionRequest(wanted);
  const known = runtimes.filter(({ version }) => version !== '');
  const asked = known.filter((runtime) => whyNotAsked(request, runtime) === undefined);
  const usable = asked.find(({ whyNot }) => whyNot === undefined);
  if (usable !== undefined) return usable;
  if (asked.length > 0) throw noneUsable(wanted, asked);
  throw noneFound(
    wanted,
    runtimes.map((runtime) => shown(runtime, runtime.whyNot ?? whyNotAsked(request, runtime))),
  );
}

/** The newest released CPython that can be used; throws RUNTIME_NOT_FOUND with what was rejected and why. */
export function newestSuitable(runtimes: readonly FoundRuntime[]): FoundRuntime {
  const suitable = runtimes.find(
    (runtime) => runtime.whyNot === undefined && runtime.implementation === 'cpython' && runtime.isPlainRelease,
  );
  if (suitable !== undefined) return suitable;
  const rejected = runtimes.map((runtime) => shown(runtime, runtime.whyNot ?? whyNotPlain(runtime)));
  throw noneFound('CPython >=3.9', rejected);
}

/** The runtime, if it can be used; throws RUNTIME_BROKEN or PYTHON_INCOMPATIBLE if not. */
export function mustBeUsable(runtime: FoundRuntime): FoundRuntime {
  if (runtime.whyNot === undefined) return runtime;
  if (runtime.isBroken) throw errors.runtimeBroken(runtime.path, runtime.whyNot);
  throw incompatible(`Python cannot be used: ${quoted(runtime.path)}: ${runtime.whyNot}`, runtime.path);
}

function noneUsable(wanted: string, asked: readonly FoundRuntime[]): BeepError {
  const rejected = listed(asked.map((runtime) => shown(runtime, runtime.whyNot)));
  if (asked.some(({ isBroken }) => isBroken)) return errors.runtimeBroken(wanted, `found: ${rejected}`);
  return incompatible(`Python cannot be used: ${quoted(wanted)}; found: ${rejected}`, wanted);
}

function incompatible(message: string, runtime: string): BeepError {
  return errors.pythonIncompatible(`${message}; take 3.9 or newer`, { metadata: { runtime } });
}

function noneFound(wanted: string, rejected: readonly string[]): BeepError {
  return errors.runtimeNotFound(wanted, `found: ${listed(rejected)}; install one, or take another`);
}

function whyNotPlain({ implementation, isFreeThreaded }: FoundRuntime): string {
  if (implementation !== 'cpython') return `is ${implementation}`;
  return isFreeThreaded ? 'is free-threaded' : 'is a pre-release';
}

function shown({ version, path }: FoundRuntime, why: string | undefined): string {
  return `${version === '' ? path : version} (${why})`;
}

/** More than so many say nothing more. */
const maxListed = 12;

function listed(rejected: readonly string[]): string {
  if (rejected.length === 0) return 'none';
  const more = rejected.length > maxListed ? ` and ${rejected.length - maxListed} more` : '';
  return `${rejected.slice(0, maxListed).join(', ')}${more}`;
}
