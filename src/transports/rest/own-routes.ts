/** The routes that the gateway itself has: whether it is alive and ready, its measurements, and browsers' preflights. */
import { empty, json, text } from './answers.ts';
import type { Route } from './route.ts';
import { jsonAnswer } from './routes/answer-schemas.ts';
import { object } from './routes/field-schemas.ts';

/** What they say. */
export interface OwnRoutesOptions {
  /** Undefined: always. */
  isReady?: () => boolean;
  metrics?: { readonly contentType: string; metrics(): Promise<string> };
}

const tag = 'Gateway';

function textAnswer(description: string) {
  return { description, content: { 'text/plain': { schema: { type: 'string' } } } };
}

/** `/health`, as the original has it; also on the RPC port. */
export const healthRoute: Route = {
  method: 'GET',
  path: '/health',
  open: true,
  about: {
    name: 'health',
    tag,
    summary: 'Whether it is alive, as JSON',
    answers: { 200: jsonAnswer('it is', object({ status: { const: 'ok' } })) },
  },
  handler: () => json({ status: 'ok' }),
};

/** The routes. */
export function ownRoutes({ isReady = () => true, metrics }: OwnRoutesOptions): Route[] {
  const routes: Route[] = [
    healthRoute,
    {
      method: 'GET',
      path: '/healthz',
      open: true,
      about: { name: 'isAlive', tag, summary: 'Whether it is alive', answers: { 200: textAnswer('it is') } },
      handler: () => text('ok\n'),
    },
    {
      method: 'GET',
      path: '/readyz',
      open: true,
      about: {
        name: 'isReady',
        tag,
        summary: 'Whether it takes calls',
        answers: { 200: textAnswer('it does'), 503: textAnswer('it starts, or shuts down') },
      },
      handler: () => (isReady() ? text('ok\n') : text('not ready\n', undefined, 503)),
    },
  ];
  if (metrics !== undefined) {
    routes.push({
      method: 'GET',
      path: '/metrics',
      about: {
        name: 'metrics',
        tag,
        summary: 'Measurements, in the format of Prometheus',
        answers: { 200: textAnswer('all of them, as they are now') },
      },
      handler: async () => text(await metrics.metrics(), metrics.contentType),
    });
  }
  return routes;
}

/** Answers a browser's question whether a page may call; the gate has looked at Host and Origin by then. */
export const preflightRoute: Route = { method: 'OPTIONS', path: '*', handler: () => empty(204) };
