/** Idempotency keys: a retry of CreateSession gets the session that the first call made, or is making. */
import { createHash } from 'node:crypto';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { BeepError, errors } from '../errors.ts';
import {
  type Session,
  SessionOrigin,
  SessionSchema,
  type SessionSpec,
  SessionSpecSchema,
  SessionState,
} from '../gen/es/beep/python/v1/execute_pb.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import { withSortedMaps } from './stable-bytes.ts';

/** The keys of all principals, each for as long as its session lives. */
export interface SessionKeys {
  /** The session of a key, opened now if there is none. Throws IDEMPOTENCY_KEY_REUSED, and what `open` throws. */
  open(
    principal: string,
    key: string,
    spec: SessionSpec | undefined,
    open: () => Promise<Uint8Array>,
  ): Promise<Session>;
}

interface Claim {
  readonly digest: string;
  /** Its id, once it is there. */
  readonly opening: Promise<string>;
  sessionId: string | undefined;
}

// So many keys are kept before those are looked for whose sessions have ended.
const firstSweep = 1000;

const endStates: readonly SessionState[] = [SessionState.CLOSING, SessionState.CLOSED, SessionState.FAILED];

/** No keys yet. */
export function createSessionKeys(directory: SessionDirectory): SessionKeys {
  const claims = new Map<string, Claim>();
  let sweepAt = firstSweep;
  const sweep = () => {
    for (const [name, { sessionId }] of claims) {
      if (sessionId !== undefined && !directory.isOpen(sessionId)) claims.delete(name);
    }
    sweepAt = Math.max(firstSweep, 2 * claims.size);
  };
  /** Undefined where it has ended, or is about to. */
  const find = async (principal: string, sessionId: string): Promise<Session | undefined> => {
    try {
      const session = fromBinary(SessionSchema, await directory.link(principal, sessionId).getSession(sessionId));
      return endStates.includes(session.state) ? undefined : session;
    } catch (error) {
      if (error instanceof BeepError && gone.includes(error.reason)) return undefined;
      throw error;
    }
  };

  return {
    async open(principal, key, spec, open) {
      const name = `${principal}\0${key}`;
      const digest = digestOf(spec);
      for (;;) {
        const known = claims.get(name);
        if (known === undefined) {
          if (claims.size >= sweepAt) sweep();
          const opening = open().then((bytes) => fromBinary(SessionSchema, bytes));
          const claim: Claim = { digest, opening: opening.then(({ id }) => id), sessionId: undefined };
          claim.opening.catch(() => {}); // whoever waits for it is told
          claims.set(name, claim);
          try {
            const session = await opening;
            claim.sessionId = session.id;
            return session;
          } catch (error) {
            claims.delete(name);
            throw error;
          }
        }
        if (known.sessionId === undefined && known.digest !== digest) throw errors.idempotencyKeyReused(key);
        const session = await find(principal, await known.opening);
        if (session !== undefined) {
          if (known.digest !== digest) throw errors.idempotencyKeyReused(key);
          return { ...session, origin: SessionOrigin.EXISTING, usage: undefined };
        }
        if (claims.get(name) === known) claims.delete(name);
      }
    },
  };
}

const gone: readonly string[] = ['SESSION_NOT_FOUND', 'SESSION_CLOSED', 'WORKER_LOST'];

/** As the caller wrote it; the entries of maps come in any order. */
function digestOf(spec: SessionSpec = create(SessionSpecSchema)): string {
  const bytes = toBinary(SessionSpecSchema, withSortedMaps(SessionSpecSchema, spec));
  return createHash('sha256').update(bytes).digest('base64');
}
