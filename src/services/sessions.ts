/** Sessions from outside: create, look at, list, close. */
import { create, fromBinary } from '@bufbuild/protobuf';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { type Call, Encoded, type Incoming, type Outgoing } from '../call.ts';
import { errors } from '../errors.ts';
import {
  type CloseSessionRequestSchema,
  type CreateSessionRequestSchema,
  type GetSessionRequestSchema,
  type ListSessionsRequestSchema,
  type ListSessionsResponse,
  ListSessionsResponseSchema,
  type Session,
  SessionSchema,
} from '../gen/es/beep/python/v1/execute_pb.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import { describeSession, type SessionDefaults } from './locate.ts';

const defaultPageSize = 100;

/** Makes the methods. */
export function createSessions(directory: SessionDirectory, defaults: SessionDefaults) {
  return {
    async createSession(
      { message }: Incoming<typeof CreateSessionRequestSchema>,
      { principal }: Call,
    ): Promise<Outgoing<typeof SessionSchema>> {
      if (message.idempotencyKey !== '') throw errors.notImplemented('an idempotency_key for sessions');
      const request = await describeSession(principal, message.spec, defaults);
      return new Encoded(SessionSchema, await directory.open(request));
    },
    async getSession(
      { message }: Incoming<typeof GetSessionRequestSchema>,
      { principal }: Call,
    ): Promise<Outgoing<typeof SessionSchema>> {
      const { sessionId } = message;
      return new Encoded(SessionSchema, await directory.link(principal, sessionId).getSession(sessionId));
    },
    async closeSession(
      { message }: Incoming<typeof CloseSessionRequestSchema>,
      { principal }: Call,
    ): Promise<Outgoing<typeof SessionSchema>> {
      const { sessionId } = message;
      return new Encoded(SessionSchema, await directory.link(principal, sessionId).closeSession(sessionId));
    },
    async listSessions(
      { message }: Incoming<typeof ListSessionsRequestSchema>,
      { principal }: Call,
    ): Promise<ListSessionsResponse> {
      const lists = await Promise.all(
        directory.links().map((link) => link.listSessions({ principal, includeClosed: message.includeClosed })),
      );
      const sessions = lists
        .flat()
        .map((bytes) => fromBinary(SessionSchema, bytes))
        .filter((session) => matches(session, message.venv, message.labels))
        .sort((a, b) => (orderOf(a) < orderOf(b) ? 1 : -1));
      const rest = message.pageToken === '' ? sessions : sessions.filter((each) => orderOf(each) < message.pageToken);
      const size = message.pageSize || defaultPageSize;
      const page = rest.slice(0, size);
      const last = page.at(-1);
      return create(ListSessionsResponseSchema, {
        sessions: page,
        nextPageToken: last !== undefined && rest.length > size ? orderOf(last) : '',
      });
    },
  };
}

function matches(session: Session, venv: string, labels: Readonly<Record<string, string>>): boolean {
  if (venv !== '' && session.venv !== venv) return false;
  return Object.entries(labels).every(([name, value]) => session.labels[name] === value);
}

/** Newest first, and for each session another text, so that a page can begin behind it. */
function orderOf({ createdAt, id }: Session): string {
  const ms = createdAt === undefined ? 0 : timestampMs(createdAt);
  return `${String(ms).padStart(16, '0')}.${id}`;
}
