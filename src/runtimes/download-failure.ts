/** What uv says when an interpreter could not be installed, as an error that a caller can act on. */
import { type BeepError, errors } from '../errors.ts';
import type { UvResult } from '../uv/run.ts';
import { digestsIn, isCut, isDiskFull, isNotTrusted, isUnauthorized } from '../uv/signs.ts';

/** The error for `uv python install -v` that did not exit with 0. */
export function downloadFailure(result: UvResult, key: string): BeepError {
  if (result.endedBy === 'cancel') return errors.cancelled();
  const said = result.stderr;
  const causes = causesIn(said);
  const metadata = { runtime: key };
  const fail = (reason: string, message: string) => errors.fromReason(reason, message, { metadata });
  if (result.endedBy === 'timeout') return fail('DOWNLOAD_BLOCKED', `the download of ${key} took too long; try again`);
  if (isDiskFull(said)) {
    return fail('DISK_FULL', `no room to install ${key}; nothing was installed; make room and try again`);
  }
  const { expected, computed } = digestsIn(said);
  if (/Hash mismatch/.test(said) && expected !== undefined && computed !== undefined) {
    return fail(
      'CHECKSUM_MISMATCH',
      `what was downloaded is not ${key}: its SHA-256 is ${computed}, not ${expected}; nothing was installed`,
    );
  }
  if (isNotTrusted(causes.at(-1) ?? '')) {
    return fail(
      'CERTIFICATE_NOT_TRUSTED',
      `the certificate of ${sourceOf(causes)} is not trusted: ${causes.at(-1)}; name the file of your authority in SSL_CERT_FILE`,
    );
  }
  if (isCut(causes.join('\n')) || /Failed to extract|Invalid (?:tar|gzip|zip)/i.test(causes.join('\n'))) {
    const what = /gzip header|zip header|Unsupported archive/i.test(said)
      ? 'is no archive, such as a web page'
      : 'was cut or is damaged';
    return fail(
      'DOWNLOAD_INVALID',
      `what was downloaded for ${key} ${what}: ${causes.join(': ')}; nothing was installed`,
    );
  }
  const lines = sourcesIn(said, causes);
  if (lines.some(isUnauthorized)) {
    const where = 'in --python-mirror, --pypy-mirror or the list of downloads';
    return fail(
      'DOWNLOAD_BLOCKED',
      `${key} could not be downloaded: its source wants credentials, or other ones; put them into its URL, ${where}\n${lines.join('\n')}`,
    );
  }
  if (lines.length > 0) {
    const mirror = key.startsWith('pypy') ? '--pypy-mirror' : '--python-mirror';
    return fail(
      'DOWNLOAD_BLOCKED',
      `${key} could not be downloaded; name a mirror with ${mirror}\n${lines.join('\n')}`,
    );
  }
  return fail(
    'RUNTIME_BROKEN',
    `${key} could not be installed: ${[...errorsIn(said), ...causes].join(': ') || 'uv did not say why'}; nothing was installed`,
  );
}

/** uv tells an error as a line `error: ` and one `cause: ` below it for each cause. */
function causesIn(said: string): string[] {
  return textsOf(said, /^\s*(?:cause|Caused by): (.*)$/);
}

function errorsIn(said: string): string[] {
  return textsOf(said, /^error: (.*)$/);
}

function textsOf(said: string, line: RegExp): string[] {
  const texts = said.split('\n').map((one) => line.exec(one)?.[1]);
  return texts.filter((text) => text !== undefined);
}

/** One line for each source that was asked, however often: those that uv gave up for the next one, and the last. */
function sourcesIn(said: string, causes: readonly string[]): string[] {
  return [...new Map(attemptsIn(said, causes))].map(([url, why]) => `${url}: ${why}`);
}

function attemptsIn(said: string, causes: readonly string[]): [url: string, why: string][] {
  const before = [...said.matchAll(/Failed to fetch `[^`]*` from `([^`]*)` \((.*)\); falling back/g)].map(
    ([, url = '', why = '']): [string, string] => [url, why.includes(`\`${url}\``) ? 'could not be reached' : why],
  );
  const last = causes.findIndex((cause) =>
    /Failed to download|failed to query metadata|does not match the expected/.test(cause),
  );
  if (last < 0) return before;
  const url = /`([^`]*)`/.exec(causes[last] as string)?.[1] ?? '';
  const why = causes.slice(last + 1).at(-1) ?? (causes[last] as string);
  return [...before, [url, why.replace(` for url (${url})`, '')]];
}

function sourceOf(causes: readonly string[]): string {
  return /`([^`]*)`/.exec(causes.join(' '))?.[1] ?? 'the source';
}
