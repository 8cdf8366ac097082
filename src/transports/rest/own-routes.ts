/** The routes that the gateway itself has: whether it is alive and ready, its measurements, and browsers' preflights. */
import { empty, json, text } from './answers.ts';
import type { Route } from './route.ts';

/** What they say. */
export interface OwnRoutesOptions {
  /** Undefined: always. */
  isReady?: () => boolean;
  metrics?: { readonly contentType: string; metrics(): Promise<string> };
}

/** `/health`, as the original has it; also on the RPC port. */
export const healthRoute: Route = { method: 'GET', path: '/health', open: true, handler: () => json({ status: 'ok' }) };

/** The routes. */
export function ownRoutes({ isReady = () => true, metrics }: OwnRoutesOptions): Route[] {
  const routes: Route[] = [
    healthRoute,
    { method: 'GET', path: '/healthz', open: true, handler: () => text('ok\n') },
    {
      method: 'GET',
      path: '/readyz',
      open: true,
      handler: () => (isReady() ? text('ok\n') : text('not ready\n', undefined, 503)),
    },
  ];
  if (metrics !== undefined) {
    routes.push({
      method: 'GET',
      path: '/metrics',
      handler: async () => text(await metrics.metrics(), metrics.contentType),
    });
  }
  return routes;
}

/** Answers a browser's question whether a page may call; the gate has looked at Host and Origin by then. */
export const preflightRoute: Route = { method: 'OPTIONS', path: '*', handler: () => empty(204) };
