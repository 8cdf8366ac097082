/** pythonia: Python objects in a Node program, over the standard streams of an interpreter that it starts. */
import { join } from 'node:path';
import type { Context } from '../measure.ts';
import { type ObjectPeer, objectPeer } from './object-peer.ts';
import { startTold } from './told.ts';

/** As it is called in tables. */
export const pythonia = 'pythonia, called from Node';

/** Starts the program that uses it. */
export function startPythonia({ peerEnvironment, stack }: Context): ObjectPeer {
  const { folder, python, node } = peerEnvironment;
  const here = join(import.meta.dirname, 'pythonia');
  const command = [process.execPath, join(here, 'program.js'), node, join(here, 'target.py')];
  return objectPeer(startTold(pythonia, command, stack, { PYTHON_BIN: python, VIRTUAL_ENV: folder }));
}
