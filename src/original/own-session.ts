/** The session that a connection of the pipe has to itself. */
import { randomUUID } from 'node:crypto';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { SessionSchema, SessionSpecSchema } from '../gen/es/beep/python/v1/execute_pb.ts';
import { ReleaseHandlesRequestSchema } from '../gen/es/beep/python/v1/object_pb.ts';
import { describeSession, durationOf, type SessionDefaults } from '../services/locate.ts';
import type { SessionDirectory } from '../sessions/directory.ts';

/** Opened on first use, and again where it has ended. */
export interface OwnSession {
  /** Its id. */
  id(principal: string): Promise<string>;
  /** Ends it, and any that is being opened: after what runs in it, which is being stopped. */
  end(): void;
}

/** One that is not open yet. */
export function createOwnSession(directory: SessionDirectory, defaults: SessionDefaults): OwnSession {
  let opened: Promise<{ principal: string; sessionId: string }> | undefined;
  let hasEnded = false;

  const open = async (principal: string) => {
    const idleTimeout = durationOf(defaults.defaultSessionIdleTimeoutMs);
    const described = await describeSession(principal, create(SessionSpecSchema, { idleTimeout }), defaults);
    return { principal, sessionId: fromBinary(SessionSchema, await directory.open(described)).id };
  };
  /** Its objects go in their turn: closed at once, it would be killed while what ran cleans up. */
  const leave = async ({ principal, sessionId }: Awaited<ReturnType<typeof open>>) => {
    const body = toBinary(ReleaseHandlesRequestSchema, create(ReleaseHandlesRequestSchema, { all: true }));
    const nobody = { onAbort: () => () => {} };
    const item = { kind: 'release', id: randomUUID(), body } as const;
    await directory
      .attachment(principal, sessionId)
      .result(item, nobody)
      .catch(() => {}); // its process has died
    await directory.link(principal, sessionId).closeSession(sessionId);
  };
  const end = () => {
    hasEnded = true;
    opened?.then(leave).catch(() => {}); // it never was, or ended by itself
    opened = undefined;
  };

  return {
    async id(principal) {
      const known = await opened?.catch(() => undefined);
      if (known === undefined || !directory.isOpen(known.sessionId)) opened = open(principal);
      const { sessionId } = await (opened as NonNullable<typeof opened>);
      if (hasEnded) end();
      return sessionId;
    },
    end,
  };
}
