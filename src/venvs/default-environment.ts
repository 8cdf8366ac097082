/** The environment of sessions that name none, made at the first start from the newest suitable interpreter. */
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { ResolveIndex } from '../uv/package-index.ts';
import type { EnvironmentInForce } from './environment-in-force.ts';
import type { HomeLayout } from './layout.ts';
import type { ResolveEnvironment } from './resolve.ts';

/** What it takes to make the default environment. */
export interface DefaultEnvironmentOptions {
  readonly layout: HomeLayout;
  readonly resolve: ResolveEnvironment;
  readonly resolveIndex: ResolveIndex;
  readonly log: Logger;
  readonly clock: Clock;
  /** Called once, when there is something to build. */
  readonly onBuild?: () => void;
}

/** Name of the default environment. */
export const defaultName = 'default';

/** The default environment; made if it is not there, or if the interpreter that it was made from is gone. */
export async function ensureDefaultEnvironment(options: DefaultEnvironmentOptions): Promise<EnvironmentInForce> {
  const ready = await options.resolve(defaultName).catch(() => undefined);
  if (ready !== undefined) return ready;
  // Loaded only when it is needed: a start that has nothing to build does without.
  const { makeDefaultEnvironment } = await import('./make-default-environment.ts');
  await makeDefaultEnvironment(options);
  return await options.resolve(defaultName);
}
