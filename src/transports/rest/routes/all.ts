import type { Route } from '../route.ts';
import { executeRoutes } from './execute.ts';
import { executionRoutes } from './executions.ts';
import type { PlainHandlers } from './handlers.ts';
import { objectRoutes } from './objects.ts';
import { outputRoutes } from './output.ts';
import { sessionRoutes } from './sessions.ts';

/** The table of plain routes. */
export function plainRoutes(handlers: PlainHandlers): Route[] {
  return [
    ...executeRoutes(handlers),
    ...executionRoutes(handlers),
    ...outputRoutes(handlers),
    ...sessionRoutes(handlers),
    ...objectRoutes(handlers),
  ];
}
