/** The order in which every call, on every port, passes the interceptors. */
import type { Interceptor } from '../call.ts';
import type { AuthenticateOptions } from './authenticate.ts';
import { createAuthenticate } from './authenticate.ts';
import { createDeadline } from './deadline.ts';
import type { ObserveOptions } from './observe.ts';
import { createObserve } from './observe.ts';
import { createQuota } from './quota.ts';
import { type Check, createValidate } from './validate.ts';

/** Interceptors in two halves: refusals that need no message come before anything of the message has been read. */
export interface InterceptorChain {
  readonly onHeaders: readonly Interceptor[];
  /** With `call.request`, for methods that have one. */
  readonly onRequest: readonly Interceptor[];
}

/** What the interceptors need. */
export interface InterceptorOptions extends ObserveOptions, AuthenticateOptions {
  check: Check;
  /** Longer timeouts are refused. Default: 24 days; a longer timer fires at once. */
  maxTimeoutMs?: number;
  /** Calls under way at once for each principal; kept below `maxConcurrentStreams`, where calls just hang. */
  maxConcurrentCallsPerPrincipal: number;
  /** Names that the ports answer to by themselves, beside those of `allowHost`. */
  ownHosts?: readonly string[];
}

/** Observe, authenticate, quota, deadline; then the request; then validate. */
export function createInterceptors(options: InterceptorOptions): InterceptorChain {
  return {
    onHeaders: [
      createObserve(options),
      createAuthenticate({ ...options, allowHost: [...(options.allowHost ?? []), ...(options.ownHosts ?? [])] }),
      createQuota(options.maxConcurrentCallsPerPrincipal),
      createDeadline(options.maxTimeoutMs),
    ],
    onRequest: [createValidate(options.check)],
  };
}
