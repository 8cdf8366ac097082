/** The exit code that stands for how code ended. */
import { constants } from 'node:os';
import type { Ending } from '../client/node.ts';

/** As shells and `timeout` have them: 124 for a timeout, 130 for Ctrl-C, 128 and the signal for a process that was killed. */
export function exitCodeOf({ outcome, exitCode, signal }: Ending): number {
  switch (outcome) {
    case 'OK':
      return 0;
    case 'EXITED':
      return (exitCode ?? 1) & 0xff;
    case 'KILLED':
      return 128 + (signal ?? constants.signals.SIGKILL);
    case 'TIMEOUT':
      return 124;
    case 'INTERRUPTED':
    case 'CANCELLED':
      return 130;
    default:
      return 1;
  }
}

/** What is to be said of it, beside what the code wrote; empty: nothing. */
export function endingText({ outcome, message, statePreserved }: Ending): string {
  if (outcome === 'OK' || outcome === 'ERROR' || outcome === 'EXITED') return '';
  const state = statePreserved ? 'the variables live' : 'the variables are lost';
  const word = outcome.toLowerCase();
  return `${message === '' || message === word ? word : `${word}: ${message}`}; ${state}`;
}
