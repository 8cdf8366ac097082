/** Execution ids that callers hold: a retry joins what it began, and the same id never means two things. */
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

/** Ids that were used, for a day. */
export interface Claims {
  /** Where the execution is, placed now if the id is new. Throws EXECUTION_ID_REUSED. */
  place(principal: string, executionId: string, request: Uint8Array, locate: () => Promise<Place>): Promise<Place>;
  /** The execution was refused: its id means nothing. */
  release(principal: string, executionId: string): void;
  /** Where the execution under an id went, whatever became of it. */
  find(principal: string, executionId: string): Place | undefined;
}

const keptSeconds = 24 * 3600;

interface Claim {
  /** Of the request. */
  readonly digest: string;
  readonly atSeconds: number;
  /** Not known yet while it is being located. */
  place: Promise<Place> | Place;
}

/** No ids yet; the oldest are forgotten early when there are more than `maxKept`. */
export function createClaims(maxKept = 1_000_000): Claims {
  const claims = new Map<string, Claim>();
  const keyOf = (principal: string, id: string) => digestOf(`${principal}\0${id}`);
  const forgetOld = (nowSeconds: number) => {
    for (const [oldest, { atSeconds }] of claims) {
      if (claims.size < maxKept && nowSeconds - atSeconds < keptSeconds) return;
      claims.delete(oldest);
    }
  };
  return {
    async place(principal, executionId, request, locate) {
      const key = keyOf(principal, executionId);
      const digest = digestOf(request);
      const known = claims.get(key);
      if (known !== undefined) {
        if (known.digest !== digest) throw errors.executionIdReused(executionId);
        return known.place;
      }
      const atSeconds = Math.floor(Date.now() / 1000);
      forgetOld(atSeconds);
      const locating = locate();
      const claim: Claim = { digest, atSeconds, place: locating };
      claims.set(key, claim);
      try {
        const place = await locating;
        claim.place = place;
        const { sessionId, attachment, link } = place;
        void attachment?.whenEnded.then(() => {
          claim.place = { sessionId, attachment: undefined, link };
        });
        return place;
      } catch (error) {
        claims.delete(key);
        throw error;
      }
    },
    release: (principal, executionId) => void claims.delete(keyOf(principal, executionId)),
    find(principal, executionId) {
      const place = claims.get(keyOf(principal, executionId))?.place;
      return place instanceof Promise ? undefined : place;
    },
  };
}

/** Short, and of its own memory: a slice of a longer text would keep that. */
function digestOf(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest().toString('latin1', 0, 16);
}
