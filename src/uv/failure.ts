/** What uv says when it fails, as an error that a caller can act on. */
import { BeepError, errors, quoted, type Reason } from '../errors.ts';
import { actionOf, askedIndexes, type UvContext } from './context.ts';
import { lockFailure } from './lock-failure.ts';
import { noSolution } from './no-solution.ts';
import { withoutCredentials } from './redact.ts';
import type { UvResult } from './run.ts';
import { readSaid, type Said, withoutPaths } from './said.ts';
import { digestsIn, isCut, isDiskFull, isNotTrusted, isUnauthorized } from './signs.ts';

type Classify = (said: Said, text: string, context: UvContext) => BeepError | undefined;

/** The error for a call that did not exit with 0. What uv said is its cause, for the log. */
export function uvFailure(result: UvResult, context: UvContext = {}): BeepError {
  if (result.endedBy !== 'exit') return endedEarly(result, context);
  const said = readSaid(result.stderr);
  // What a build wrote is no evidence: it is a stranger's.
  const text = [...said.causes, ...said.hints].join('\n');
  for (const classify of classes) {
    const error = classify(said, text, context);
    if (error !== undefined) return error;
  }
  return errors.internal(new Error(`uv failed to ${actionOf(context)} (${result.exitCode}): ${result.stderr.trim()}`));
}

function endedEarly({ endedBy, tookMs }: UvResult, context: UvContext): BeepError {
  if (endedBy === 'cancel') return errors.cancelled();
  const action = actionOf(context);
  if (endedBy === 'kill') return make('START_FAILED', `could not ${action}: uv was killed from outside; call again`);
  const took = `could not ${action} within ${Math.round(tookMs / 1000)} s`;
  if (context.index === undefined) return make('START_FAILED', `${took}: uv was ended; call again`);
  return make('INDEX_UNREACHABLE', `${took}; asked: ${askedIndexes(context)}; call again, or name a nearer index`);
}

/** First that fits: what is wrong with the machine or the way there comes before what is wrong with the request. */
const classes: readonly Classify[] = [
  diskFull,
  checksumMismatch,
  certificateNotTrusted,
  indexUnauthorized,
  buildFailed,
  offlineMiss,
  lockFailure,
  specInvalid,
  downloadInvalid,
  unreachable,
  noSolution,
  runtimeOrEnvironment,
];

function diskFull(_said: Said, text: string, context: UvContext): BeepError | undefined {
  if (!isDiskFull(text)) return undefined;
  return make('DISK_FULL', `could not ${actionOf(context)}: no space is left on the disk; free some, and call again`);
}

function checksumMismatch({ causes }: Said, text: string): BeepError | undefined {
  const [, what = ''] = /Hash mismatch for `([^`]*)`/.exec(text) ?? [];
  const mismatch = causes.find((cause) => /hash mismatch/i.test(cause));
  if (mismatch === undefined) return undefined;
  const digests = Object.entries(digestsIn(mismatch)).map(([kind, digest]) => `${kind} ${digest}`);
  return make(
    'CHECKSUM_MISMATCH',
    `not what was announced: ${quoted(withoutPaths(what))}: ${digests.join(', ') || 'its digest is another one'}; nothing was installed; do not trust this source`,
    { package: what },
  );
}

function certificateNotTrusted({ causes }: Said, text: string, context: UvContext): BeepError | undefined {
  const why = causes.find(isNotTrusted);
  if (why === undefined) return undefined;
  return make(
    'CERTIFICATE_NOT_TRUSTED',
    `certificate is not trusted here: ${whereOf(text) || askedIndexes(context)}: ${why}; name its authority with SSL_CERT_FILE and start the gateway again`,
  );
}

function indexUnauthorized(_said: Said, text: string, context: UvContext): BeepError | undefined {
  if (!isUnauthorized(text) && !/\b403 Forbidden/.test(text)) return undefined;
  const where = whereOf(text) || askedIndexes(context);
  if (hasCredentials(context)) {
    return make('INDEX_UNAUTHORIZED', `package index refuses the credentials in its URL: ${where}; mend them there`);
  }
  return make(
    'INDEX_UNAUTHORIZED',
    `package index wants credentials: ${where}; put them into its URL, in the request or the setting, or into .netrc of the gateway's user`,
  );
}

function hasCredentials({ index }: UvContext): boolean {
  return [index?.defaultIndex ?? '', ...(index?.extraIndexes ?? [])].some((url) => /^https?:\/\/[^/]*@/.test(url));
}

function buildFailed({ causes, buildOutput }: Said, text: string): BeepError | undefined {
  const [, what] = /Failed to (?:download and )?build `([^`]*)`/.exec(text) ?? [];
  if (what === undefined) return undefined;
  const why = buildOutput === '' ? causes.slice(1).join(': ') : buildOutput.slice(-2000);
  return make(
    'BUILD_FAILED',
    `could not be built: ${quoted(what)}; ask for a version that has a wheel, or install what its build needs: ${withoutPaths(why)}`,
    { package: what },
  );
}

function offlineMiss(_said: Said, text: string): BeepError | undefined {
  if (!/connectivity is disabled|network was disabled/.test(text)) return undefined;
  const [, file] = /found in the cache: (\S+)/.exec(text) ?? [];
  const [, name] = /([\w.-]+) was not found in the cache/.exec(text) ?? [];
  const what = name ?? file?.split('/').at(-1) ?? '';
  return make('OFFLINE_MISS', `not in the package cache: ${quoted(what)}; ask again without offline`, {
    package: what,
  });
}

function specInvalid({ causes }: Said, text: string): BeepError | undefined {
  const [, pinned] = /versions pinned with `==`, but found: (.*)/.exec(text) ?? [];
  if (pinned !== undefined)
    return errors.packageSpecInvalid(pinned, 'where hashes are required its version is pinned with "=="');
  const [, bare] = /must have a hash, but none were provided for: (.*)/.exec(text) ?? [];
  if (bare !== undefined)
    return errors.packageSpecInvalid(
      bare,
      'where hashes are required it needs one, as --hash=sha256:... in a requirements text',
    );
  if (!/Couldn't parse requirement|Failed to parse|conflicting URLs/.test(text)) return undefined;
  return errors.packageSpecInvalid(withoutPaths(causes.at(-1) ?? ''), 'uv does not take it');
}

function downloadInvalid({ causes, hints }: Said, text: string): BeepError | undefined {
  const [, odd] = /(?:unexpected (?:JSON|HTML) from|`Content-Type` .* for) `([^`]*)`/.exec(text) ?? [];
  if (odd !== undefined) {
    return make(
      'DOWNLOAD_INVALID',
      `package index answered with something else than a list of files: ${odd}; check its URL and the proxy`,
    );
  }
  const isBroken =
    /has an invalid package format|Failed to extract archive|Failed to read from zip|unexpected end of file/i.test(
      text,
    );
  const isMissing = isFile(whereOf(text)) && /404 Not Found|410 Gone/.test(text);
  if (!isBroken && !isMissing && !isCutFile(text)) return undefined;
  const what =
    /The structure of `([^`]*)`/.exec(text)?.[1] ??
    /Failed to (?:download|extract archive:?) `?([^`\s]+)/.exec(text)?.[1];
  const why = hints.find((hint) => hint.startsWith('The structure of')) ?? causes.at(-1) ?? '';
  return make(
    'DOWNLOAD_INVALID',
    `what was downloaded is no package: ${quoted(what ?? whereOf(text))}: ${withoutPaths(why)}; a web page or a part of a file came in its place: call again, or check the index and the proxy`,
    { package: what ?? '' },
  );
}

/** The connection ended in the middle of a file; in the middle of a list of files the index is what failed. */
function isCutFile(text: string): boolean {
  return isCut(text) && (/Failed to download/.test(text) || isFile(whereOf(text)));
}

function unreachable({ causes }: Said, text: string, context: UvContext): BeepError | undefined {
  if (
    !/Failed to fetch|Failed to read `--find-links`|error sending request|operation timed out|dns error|HTTP status (?:server|client) error/.test(
      text,
    )
  )
    return undefined;
  const where = whereOf(text);
  if (/Failed to read `--find-links` directory/.test(text)) {
    return make('INDEX_UNREACHABLE', 'folder of packages cannot be read; check --find-packages, and that it is there');
  }
  const why = withoutCredentials(causes.at(-1) ?? '').replace(/ for url \(.*\)$/, '');
  // An index that answers, and whose files lie where nothing can be reached.
  if (isFile(where)) {
    return make(
      'DOWNLOAD_BLOCKED',
      `could not download a package; set a mirror or a proxy, and call again\n  ${where}: ${why}`,
    );
  }
  return make(
    'INDEX_UNREACHABLE',
    `package index cannot be reached: ${where || askedIndexes(context)}: ${why}; check its URL and the proxy, and call again`,
  );
}

function runtimeOrEnvironment({ causes }: Said, text: string, context: UvContext): BeepError | undefined {
  const [, wanted] = /No (?:interpreter|download) found for (?:request: )?(.*)/.exec(text) ?? [];
  if (wanted !== undefined) return errors.runtimeNotFound(context.runtime ?? wanted.replace(/ in .*/, ''));
  if (/Failed to inspect Python interpreter|Querying Python at/.test(text)) {
    const why = withoutPaths(causes.at(-1) ?? 'it does not start');
    if (context.runtime !== undefined || context.venv === undefined) {
      return errors.runtimeBroken(context.runtime ?? 'of the environment', why);
    }
    return errors.venvBroken(context.venv, `its interpreter does not start: ${why}`);
  }
  if (/No virtual environment or system Python|No virtual environment found/.test(text)) {
    return errors.venvBroken(context.venv ?? '', 'it has no interpreter');
  }
  return undefined;
}

/** The first address in what uv said. */
function whereOf(text: string): string {
  return withoutCredentials(/https?:\/\/[^\s`"'()]+/.exec(text)?.[0] ?? '');
}

function isFile(address: string): boolean {
  return /\.(?:whl|whl\.metadata|tar\.gz|tgz|zip|tar\.bz2)$/.test(address.split(/[?#]/)[0] as string);
}

function make(reason: Reason, message: string, metadata: Record<string, string> = {}): BeepError {
  return new BeepError(reason, message, { metadata });
}
