/** Former generations go when nobody holds them, but for the newest few, which are kept for a rollback. */
import type { HomeLayout } from '../layout.ts';
import { generationFolder } from '../layout.ts';
import type { EnvironmentState } from './state.ts';
import type { Trash } from './trash.ts';

/** Which generations may go. */
export function retired(
  { generation, onDisk }: Pick<EnvironmentState, 'generation' | 'onDisk'>,
  held: ReadonlySet<number>,
  kept: number,
): number[] {
  const former = onDisk.filter((number) => number !== generation);
  return former.slice(0, Math.max(0, former.length - kept)).filter((number) => !held.has(number));
}

/** Takes them away. The environment's lock has to be held. */
export async function retireGenerations(
  layout: HomeLayout,
  state: EnvironmentState,
  held: ReadonlySet<number>,
  kept: number,
  trash: Trash,
): Promise<void> {
  for (const number of retired(state, held, kept)) await trash.discard(generationFolder(layout, state.name, number));
}
