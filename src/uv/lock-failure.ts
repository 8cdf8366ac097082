/** What uv says of a pylock.toml that it cannot use here. */
import { BeepError, errors, quoted } from '../errors.ts';
import type { UvContext } from './context.ts';
import { type Said, withoutPaths } from './said.ts';

const next = 'make the lock for this Python and machine, or make the environment from another Python';

/** The error for it; undefined for another failure. */
export function lockFailure({ causes }: Said, text: string, { python }: UvContext): BeepError | undefined {
  const metadata = { ...(python !== undefined && { python }) };
  const [, wanted] = /incompatible with the `pylock\.toml`'s Python requirement: `([^`]+)`/.exec(text) ?? [];
  if (wanted !== undefined) {
    return new BeepError('PYTHON_INCOMPATIBLE', `the lock needs another Python: ${wanted}; ${next}`, { metadata });
  }
  const [, name, needed] = /Package `([^`]+)` requires Python (\S+), but the target/.exec(text) ?? [];
  if (name !== undefined) {
    const message = `needs another Python: ${quoted(name)} requires ${needed}; ${next}`;
    return new BeepError('PYTHON_INCOMPATIBLE', message, { metadata: { ...metadata, packages: name } });
  }
  const [, bare] =
    /Package `([^`]+)` can't be installed because .* (?:no binary distribution|current platform)/.exec(text) ?? [];
  if (bare !== undefined) {
    const message = `the lock has no wheel for this Python and machine: ${quoted(bare)}; ${next}, or allow it to be built with index.allow_build`;
    return new BeepError('NO_MATCHING_WHEEL', message, { metadata: { ...metadata, packages: bare } });
  }
  if (!/Not a valid `pylock\.toml`|must include one of: `wheels`|heel filename `/.test(text)) return undefined;
  // Of a syntax error the last words say what is wrong; those before show the line.
  const why = withoutPaths(causes.at(-1) ?? '').replace(/^TOML parse error at line \d+, column \d+.*\^+ /, '');
  return errors.packageSpecInvalid('pylock.toml', why);
}
