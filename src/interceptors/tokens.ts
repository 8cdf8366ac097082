/** Compares tokens so that the time it takes tells nothing about them. */
import { hash, timingSafeEqual } from 'node:crypto';

/** One token by its name. */
export interface NamedToken {
  readonly name: string;
  readonly token: string;
}

/** Gives the name of the token that a caller presents, if it is one of ours. */
export function createTokenCheck(tokens: readonly NamedToken[]): (presented: string) => string | undefined {
  // Of digests, one that is nearly right says nothing of a token that is.
  const digest = (text: string) => hash('sha256', text, 'buffer');
  const known = tokens.map(({ name, token }) => ({ name, digest: digest(token) }));
  return (presented) => {
    const digestOfPresented = digest(presented);
    let found: string | undefined;
    for (const { name, digest } of known) if (timingSafeEqual(digest, digestOfPresented)) found = name;
    return found;
  };
}

/** The token of an `Authorization: Bearer` header. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^bearer +([\x21-\x7e]+)$/i.exec(authorization ?? '')?.[1];
}
