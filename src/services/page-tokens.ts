/** Page tokens: where the next page of a list begins, signed, so that only what this gateway gave out is taken back. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { errors } from '../errors.ts';

/** Tokens of one gateway; those of an earlier one are refused. */
export interface PageTokens {
  /** A token for the page behind a place. `list` says whose list it is, and what was asked of it. */
  make(list: readonly unknown[], place: string): string;
  /** The place; empty: from the beginning. Throws INVALID_ARGUMENT for a token of another list, or of nobody's. */
  read(list: readonly unknown[], token: string): string;
}

const macBytes = 16;

/** Makes them. */
export function createPageTokens(): PageTokens {
  const key = randomBytes(32);
  const macOf = (list: readonly unknown[], place: string) =>
    createHmac('sha256', key)
      .update(JSON.stringify([list, place]))
      .digest()
      .subarray(0, macBytes);
  return {
    make: (list, place) => Buffer.concat([macOf(list, place), Buffer.from(place)]).toString('base64url'),
    read(list, token) {
      if (token === '') return '';
      const bytes = Buffer.from(token, 'base64url');
      const place = bytes.subarray(macBytes).toString();
      if (bytes.length > macBytes && timingSafeEqual(bytes.subarray(0, macBytes), macOf(list, place))) return place;
      throw errors.invalidArgument(
        'page_token is not one of this list; take the one that the page before names as next, with the same filter',
        { field: 'page_token' },
      );
    },
  };
}

/** The entries of a map in an order of their own: senders may put them in any. */
export function sortedEntries<T>(map: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
}
