/** Routes of the contract that nobody answers yet: they say so, rather than that there is nothing at their path. */
import { errors } from '../../../errors.ts';
import type { Route } from '../route.ts';

/** The routes. */
export function routesToCome(): Route[] {
  const rows = [
    ['PUT', '/sessions/{id}/objects', 'writing objects'],
    ['GET', '/sessions/{id}/objects/{handle}', 'reading objects'],
  ] as const;
  return rows.map(([method, path, what]) => ({
    method,
    path,
    handler: () => {
      throw errors.notImplemented(what);
    },
  }));
}
