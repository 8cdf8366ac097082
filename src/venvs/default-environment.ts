/** The environment of sessions that name none, made at the first start from the newest suitable interpreter. */

import type { MakingDefaultOptions } from './changes/make-default-environment.ts';
import type { EnvironmentInForce } from './environment-in-force.ts';
import { whyNotUsable } from './generations/interpreter.ts';
import { defaultName } from './layout.ts';
import type { ResolveEnvironment } from './resolve.ts';

/** What it takes to have the default environment. */
export interface DefaultEnvironmentOptions extends MakingDefaultOptions {
  readonly resolve: ResolveEnvironment;
}

/** The default environment; made if it is not there, or if its interpreter is gone or does not start. */
export async function ensureDefaultEnvironment(options: DefaultEnvironmentOptions): Promise<EnvironmentInForce> {
  const ready = await options.resolve(defaultName).catch(() => undefined);
  if (ready !== undefined && (await whyNotUsable(ready.pythonPath, ready.interpreter)) === undefined) return ready;
  // Loaded only when it is needed: a start that has nothing to build does without.
  const { makeDefaultEnvironment } = await import('./changes/make-default-environment.ts');
  await makeDefaultEnvironment(options);
  return await options.resolve(defaultName);
}
