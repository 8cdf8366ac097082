/** Sessions that went with their worker, as callers see those that have ended. */
import { fromBinary } from '@bufbuild/protobuf';
import { CloseReason, type Session, SessionSchema, SessionState } from '../gen/es/beep/python/v1/execute_pb.ts';
import type { LostSession } from '../sessions/directory.ts';

/** What it was when it was opened, and how it ended; when it was used last went with its worker. */
export function describeLost({ opened, generation, why }: LostSession): Session {
  const session = fromBinary(SessionSchema, opened);
  session.generation = generation;
  session.state = SessionState.CLOSED;
  session.closeReason = CloseReason.WORKER_LOST;
  session.closeMessage = why;
  session.pid = 0;
  delete session.usedAt;
  delete session.expiresAt;
  return session;
}
