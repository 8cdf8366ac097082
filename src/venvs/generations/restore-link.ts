import { generationName, type HomeLayout } from '../layout.ts';
import { publishGeneration } from './publish.ts';
import { type EnvironmentState, readState } from './state.ts';

/**
 * Where the link to the generation in force is gone, the one that was recorded last is put in force, if it is still there:
 * a gateway may have been killed between the two. The environment's lock has to be held.
 */
export async function restoreLink(
  layout: HomeLayout,
  state: EnvironmentState | undefined,
): Promise<EnvironmentState | undefined> {
  if (state === undefined || !isRestorable(state)) return state;
  await publishGeneration(state.folder, generationName(state.record?.generation as number));
  return await readState(layout, state.name);
}

/** Whether it is so. */
export function isRestorable({ problem, record, onDisk }: EnvironmentState): boolean {
  return problem?.kind === 'unpublished' && record !== undefined && onDisk.includes(record.generation);
}
