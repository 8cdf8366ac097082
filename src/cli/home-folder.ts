import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { GatewayFlags } from './gateway-flags.ts';

/** The home folder that the flags, then the environment name. */
export function homeOf({ home }: Pick<GatewayFlags, 'home'>): string {
  return resolve(home ?? (process.env.BEEP_PYTHON_HOME || join(homedir(), '.beep-python')));
}
