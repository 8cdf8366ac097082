import { errors, quoted } from '../../errors.ts';
import { generationFolder, generationName, type HomeLayout, pythonIn } from '../layout.ts';
import { whyNotUsable } from './interpreter.ts';
import { publishGeneration } from './publish.ts';
import type { EnvironmentState } from './state.ts';

/**
 * Puts a generation in force that is still kept; 0: the one before that in force. Whether another one is in force now.
 * The environment's lock has to be held.
 */
export async function rollBack(layout: HomeLayout, state: EnvironmentState, wanted: number): Promise<boolean> {
  const { name, record, onDisk, generation = 0 } = state;
  const kept = onDisk.filter((number) => record?.history.some((one) => one.generation === number));
  const target = wanted || kept.findLast((number) => number < generation);
  if (target === undefined || !kept.includes(target)) {
    const which = wanted === 0 ? 'no earlier one' : `generation ${wanted}`;
    const facts = `kept are ${kept.join(', ') || 'none'}; ${generation || 'none'} is in force`;
    const message = `${which} of ${quoted(name)} is ${wanted === 0 ? '' : 'not '}kept: ${facts}`;
    throw errors.invalidArgument(message, { field: 'generation', venv: name });
  }
  if (target === generation) return false;
  const made = record?.history.findLast((one) => one.generation === target);
  const why = await whyNotUsable(pythonIn(generationFolder(layout, name, target)), made?.interpreter);
  if (why !== undefined) throw errors.venvBroken(name, `of generation ${target} ${why}`, undefined, 'take another one');
  await publishGeneration(state.folder, generationName(target));
  return true;
}
