/** From the name or path that a session asks for to an environment that it can run in. */
import { errors } from '../errors.ts';
import { whyNotStarting, whyNotUsable } from './generations/interpreter.ts';
import type { Uses } from './generations/use.ts';
import { adminName } from './layout.ts';
import type { ResolveEnvironment } from './resolve.ts';

/** A resolver for sessions; besides what the other one throws, VENV_PROTECTED for the gateway's own environment. */
export function createSessionResolver(resolve: ResolveEnvironment, uses: Uses): ResolveEnvironment {
  return async (nameOrPath) => {
    const environment = await resolve(nameOrPath);
    const { name, generation, pythonPath, interpreter } = environment;
    if (name === adminName) throw errors.venvProtected(name);
    const isOurs = generation > 0;
    const why = await (isOurs ? whyNotUsable : whyNotStarting)(pythonPath, interpreter);
    if (why !== undefined) throw errors.venvBroken(name, why);
    if (isOurs) uses.note(name);
    return environment;
  };
}
