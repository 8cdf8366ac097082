/** Why large data broke off: what has become of its session. */
import { fromBinary } from '@bufbuild/protobuf';
import { BeepError, errors } from '../errors.ts';
import { CloseReasonSchema, type Session, SessionSchema, SessionState } from '../gen/es/beep/python/v1/execute_pb.ts';
import type { WorkerLink } from '../workers/link.ts';

const ended: ReadonlySet<SessionState> = new Set([SessionState.CLOSING, SessionState.CLOSED, SessionState.FAILED]);

/** The error for the caller; what is no such end stays what it is. */
export async function explainCut(
  error: unknown,
  link: WorkerLink,
  sessionId: string,
  generation: number,
): Promise<unknown> {
  const bytes = error instanceof BeepError ? error.metadata.carriedBytes : undefined;
  if (bytes === undefined) return error;
  try {
    const session = fromBinary(SessionSchema, await link.getSession(sessionId));
    if (ended.has(session.state)) return errors.sessionClosed(sessionId, session.closeMessage, reasonOf(session));
    if (generation !== 0 && session.generation !== generation) {
      const why = `its process ended after ${bytes} bytes`;
      return errors.staleGeneration(sessionId, generation, session.generation, why);
    }
  } catch (lost) {
    return lost instanceof BeepError ? lost : errors.internal(lost);
  }
  return error;
}

function reasonOf({ closeReason }: Session): string {
  return CloseReasonSchema.value[closeReason]?.localName ?? '';
}
