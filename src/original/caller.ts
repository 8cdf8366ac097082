/** Whose session an operation goes to. */
import type { Call } from '../call.ts';
import { defaultSession, type SessionDefaults } from '../services/locate.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import type { Caller } from './operations.ts';

/** Header, or metadata, that picks another session than the caller's default one. */
export const sessionHeader = 'x-beep-session';

/** Makes the caller of an operation from its call, for the formats that have one session for each principal. */
export function createCallers(directory: SessionDirectory, defaults: SessionDefaults) {
  return (call: Call, isLenient = false): Caller => ({
    principal: call.principal,
    onAbort: (listener) => call.onAbort(listener),
    session: async () => call.headers.get(sessionHeader) || (await defaultSession(call.principal, directory, defaults)),
    isLenient,
  });
}

/** What `createCallers` makes. */
export type CallerOf = ReturnType<typeof createCallers>;
