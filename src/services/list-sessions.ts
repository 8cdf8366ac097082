/** ListSessions: the caller's sessions on all workers, newest first. */
import { create, fromBinary } from '@bufbuild/protobuf';
import type { Call, Incoming } from '../call.ts';
import {
  type ListSessionsRequestSchema,
  type ListSessionsResponse,
  ListSessionsResponseSchema,
  type Session,
  SessionSchema,
} from '../gen/es/beep/python/v1/execute_pb.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import { describeLost } from './lost-sessions.ts';
import { type PageTokens, sortedEntries } from './page-tokens.ts';
import { askAllWorkers, nanosecondsOf, pageOf, pageSizeOf, placeOf } from './pages.ts';

/** Makes the method. */
export function createListSessions(directory: SessionDirectory, tokens: PageTokens) {
  return async (
    { message }: Incoming<typeof ListSessionsRequestSchema>,
    { principal }: Call,
  ): Promise<ListSessionsResponse> => {
    const { venv, labels, includeClosed } = message;
    const list = ['sessions', principal, venv, sortedEntries(labels), includeClosed];
    const behind = tokens.read(list, message.pageToken);
    const all = await askAllWorkers(directory, (link) => link.listSessions({ principal, includeClosed }));
    const lost = includeClosed ? directory.lostOf(principal).map(describeLost) : [];
    const found = [...all.map((bytes) => fromBinary(SessionSchema, bytes)), ...lost]
      .filter((session) => matches(session, venv, labels))
      .map((session) => ({ session, place: placeOf(nanosecondsOf(session.createdAt), session.id) }));
    const { page, next } = pageOf(found, behind, pageSizeOf(message));
    return create(ListSessionsResponseSchema, {
      sessions: page.map(({ session }) => session),
      nextPageToken: next === undefined ? '' : tokens.make(list, next),
    });
  };
}

function matches(session: Session, venv: string, labels: Readonly<Record<string, string>>): boolean {
  if (venv !== '' && session.venv !== venv) return false;
  return Object.entries(labels).every(([name, value]) => session.labels[name] === value);
}
