/** The token, with every call. */
import type { Interceptor } from '@connectrpc/connect';

/** Sends it; without one nothing is sent. Throws a TypeError for what no header can hold. */
export function bearer(token: string | undefined): Interceptor[] {
  if (token === undefined || token === '') return [];
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new TypeError('the token is no token: it has to be visible ASCII characters');
  return [
    (next) => (request) => {
      request.header.set('authorization', `Bearer ${token}`);
      return next(request);
    },
  ];
}
