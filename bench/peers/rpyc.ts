/** RPyC: a classic server and its client, as a program in Python uses them. */
import { join } from 'node:path';
import type { Context } from '../measure.ts';
import { type ObjectPeer, objectPeer } from './object-peer.ts';
import { startTold } from './told.ts';

/** As it is called in tables. */
export const rpyc = 'RPyC, called from Python';

/** Starts the program that uses it. */
export function startRpyc({ peerEnvironment, stack }: Context): ObjectPeer {
  const command = [peerEnvironment.python, join(import.meta.dirname, 'rpyc_peer.py')];
  return objectPeer(startTold(rpyc, command, stack));
}
