/** What uv says in the same words whatever it was doing: installing packages, or an interpreter. */

/** The disk is full, or the share of it that this user may have. */
export function isDiskFull(text: string): boolean {
  return /No space left on device|os error 28\b|Disk quota exceeded|os error 122\b/.test(text);
}

/** One of the causes is that nobody known here vouches for a server. */
export function isNotTrusted(cause: string): boolean {
  return /certificate/i.test(cause) && /invalid|verify|self.signed|issuer/i.test(cause);
}

/** A connection ended, or was reset, in the middle of what it brought. */
export function isCut(text: string): boolean {
  return /error (?:decoding response|reading a) body|end of file|unexpected EOF/i.test(text);
}

/** A server wants credentials, or other ones. */
export function isUnauthorized(text: string): boolean {
  return /\b401 Unauthorized/.test(text);
}

/** The digests of a file that is not the one that was announced; without those that were not said. */
export function digestsIn(text: string): { readonly expected?: string; readonly computed?: string } {
  const found = [...text.matchAll(/(Expected|Computed):\s*(\S+)/g)];
  return Object.fromEntries(found.map(([, kind = '', digest]) => [kind.toLowerCase(), digest]));
}
