/** Sessions from outside: create, look at, renew, restart, close. */
import { setImmediate } from 'node:timers/promises';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type Call, Encoded, type Incoming, type Outgoing } from '../call.ts';
import {
  type CloseSessionRequestSchema,
  type CreateSessionRequestSchema,
  type GetSessionRequestSchema,
  RenewSessionRequestSchema,
  type RestartSessionRequestSchema,
  SessionSchema,
} from '../gen/es/beep/python/v1/execute_pb.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import type { WorkerLink } from '../workers/link.ts';
import { createListExecutions } from './list-executions.ts';
import { createListSessions } from './list-sessions.ts';
import { describeSession, namedSession, type SessionDefaults } from './locate.ts';
import { describeLost } from './lost-sessions.ts';
import { createPageTokens } from './page-tokens.ts';
import { createSessionKeys } from './session-keys.ts';
import type { LostExecutions } from './worker-loss.ts';

type Answer = Promise<Outgoing<typeof SessionSchema>>;

/** Makes the methods. */
export function createSessions(directory: SessionDirectory, defaults: SessionDefaults, lost: LostExecutions) {
  const keys = createSessionKeys(directory);
  const tokens = createPageTokens();
  /** Asks the worker that has a session of the caller's; no id stands for the default session. */
  const ask = async (
    { principal }: Call,
    wanted: string,
    how: (link: WorkerLink, sessionId: string) => Promise<Uint8Array>,
  ): Answer => {
    const sessionId = namedSession(wanted, principal, directory);
    return new Encoded(SessionSchema, await how(directory.link(principal, sessionId), sessionId));
  };

  return {
    async createSession({ message }: Incoming<typeof CreateSessionRequestSchema>, call: Call): Answer {
      const { spec, idempotencyKey } = message;
      const { principal, signal } = call;
      const open = async () => directory.open(await describeSession(principal, spec, defaults));
      if (idempotencyKey !== '') return keys.open(principal, idempotencyKey, spec, open);
      const session = await open();
      // What has come from the caller by now is read first: on a busy machine it may have left a while ago.
      await setImmediate();
      if (!signal.aborted) return new Encoded(SessionSchema, session);
      // Whoever wanted it has gone, and nobody else knows its id.
      const { id } = fromBinary(SessionSchema, session);
      await directory.link(principal, id).closeSession(id);
      throw signal.reason;
    },
    getSession: async ({ message }: Incoming<typeof GetSessionRequestSchema>, call: Call): Answer => {
      const gone = directory.lost(call.principal, message.sessionId);
      return gone === undefined
        ? ask(call, message.sessionId, (link, sessionId) => link.getSession(sessionId))
        : describeLost(gone);
    },
    renewSession: ({ message }: Incoming<typeof RenewSessionRequestSchema>, call: Call): Answer =>
      ask(call, message.sessionId, (link, sessionId) =>
        link.renewSession(toBinary(RenewSessionRequestSchema, { ...message, sessionId })),
      ),
    restartSession: ({ message }: Incoming<typeof RestartSessionRequestSchema>, call: Call): Answer =>
      ask(call, message.sessionId, (link, sessionId) => link.restartSession(sessionId)),
    closeSession: ({ message }: Incoming<typeof CloseSessionRequestSchema>, call: Call): Answer =>
      ask(call, message.sessionId, (link, sessionId) => link.closeSession(sessionId)),
    listSessions: createListSessions(directory, tokens),
    listExecutions: createListExecutions(directory, tokens, lost),
  };
}
