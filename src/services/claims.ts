/** Execution ids that callers chose: a retry joins what it began, and the same id never means two things. */
import { createHash } from 'node:crypto';
import { errors } from '../errors.ts';
import type { Attachment } from '../workers/attachment.ts';
import type { WorkerLink } from '../workers/link.ts';

/** Where an execution went. */
export interface Place {
  readonly sessionId: string;
  /** Undefined once its stream is over: an id is remembered for much longer. */
  readonly attachment: Attachment | undefined;
  readonly link: WorkerLink;
}

/** A principal's ids, for a day. */
export interface Claims {
  /** Where the execution is, placed now if the id is new. Throws EXECUTION_ID_REUSED. */
  place(principal: string, executionId: string, request: Uint8Array, locate: () => Promise<Place>): Promise<Place>;
  /** The execution was refused: its id means nothing. */
  release(principal: string, executionId: string): void;
  /** Whether an id was used, whatever became of its execution. */
  has(principal: string, executionId: string): boolean;
}

const keptMs = 24 * 3_600_000;
const maxKept = 100_000;

interface Claim {
  readonly digest: string;
  readonly at: number;
  place: Promise<Place>;
}

/** No ids yet. */
export function createClaims(): Claims {
  const claims = new Map<string, Claim>();
  const key = (principal: string, id: string) => `${principal}\0${id}`;
  const forgetOld = (now: number) => {
    for (const [oldest, { at }] of claims) {
      if (claims.size < maxKept && now - at < keptMs) return;
      claims.delete(oldest);
    }
  };
  return {
    place(principal, executionId, request, locate) {
      const digest = createHash('sha256').update(request).digest('base64');
      const known = claims.get(key(principal, executionId));
      if (known !== undefined) {
        if (known.digest !== digest) throw errors.executionIdReused(executionId);
        return known.place;
      }
      const now = Date.now();
      forgetOld(now);
      const place = locate();
      const claim: Claim = { digest, at: now, place };
      claims.set(key(principal, executionId), claim);
      place.then(
        ({ sessionId, attachment, link }) =>
          attachment?.whenEnded.then(() => {
            claim.place = Promise.resolve({ sessionId, attachment: undefined, link });
          }),
        () => claims.delete(key(principal, executionId)),
      );
      return place;
    },
    release: (principal, executionId) => void claims.delete(key(principal, executionId)),
    has: (principal, executionId) => claims.has(key(principal, executionId)),
  };
}
