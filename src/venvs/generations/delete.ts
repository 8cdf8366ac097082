import { errors } from '../../errors.ts';
import { environmentFolder, type HomeLayout } from '../layout.ts';
import type { Trash } from './trash.ts';

/** A session by the environment that it holds. */
export interface Holder {
  readonly sessionId: string;
  readonly principal: string;
  readonly venvGeneration: number;
}

/** What deleting needs to know. */
export interface DeleteOptions {
  readonly layout: HomeLayout;
  readonly trash: Trash;
  readonly holders: (name: string) => readonly Holder[];
  /** Also while sessions use it. */
  readonly force: boolean;
  /** Whose sessions may be named. */
  readonly principal: string;
}

/** Takes an environment out of sight, and answers where it is now; throws VENV_IN_USE. Its lock has to be held. */
export async function takeAway(name: string, options: DeleteOptions): Promise<string> {
  const { layout, trash, holders, force, principal } = options;
  const folder = environmentFolder(layout, name);
  // First of all: whoever opens a session from now on does not find it, so nobody comes between.
  const taken = await trash.take(folder).catch((error) => {
    throw error.code === 'ENOENT' ? errors.venvNotFound(name) : error;
  });
  const users = holders(name);
  if (users.length > 0 && !force) {
    await trash.putBack(taken, folder);
    const own = users.filter((user) => user.principal === principal).map(({ sessionId }) => sessionId);
    throw errors.venvInUse(name, own, users.length - own.length);
  }
  return taken;
}
