/** What happens on the host, told to whoever watches: nothing is kept, and nothing costs where nobody watches. */

/** One thing that happened. */
export interface HostChange {
  /** Such as `session.opened`. */
  readonly kind: string;
  /** The id or name of what it happened to. */
  readonly subject: string;
  /** Why, for people. */
  readonly message?: string | undefined;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Only for this caller; unset: for all. */
  readonly principal?: string;
}

/** Told in the order in which it happens. */
export interface HostChanges {
  emit(change: HostChange): void;
  /** Calls back for what concerns a principal; answers how to stop. */
  listen(principal: string, listener: (change: HostChange) => void): () => void;
}

/** Nobody watches yet. */
export function createHostChanges(): HostChanges {
  const listeners = new Map<(change: HostChange) => void, string>();
  return {
    emit(change) {
      for (const [listener, principal] of listeners) {
        if (change.principal === undefined || change.principal === principal) listener(change);
      }
    },
    listen(principal, listener) {
      const own = (change: HostChange) => listener(change);
      listeners.set(own, principal);
      return () => void listeners.delete(own);
    },
  };
}

/** Something that became of a session; its own caller's alone. */
export function sessionChange(
  what: string,
  session: { sessionId: string; principal: string; workerId: string; generation: number },
  message = '',
  closeReason = '',
): HostChange {
  const { sessionId, principal, workerId, generation } = session;
  return {
    kind: `session.${what}`,
    subject: sessionId,
    principal,
    message,
    attributes: {
      worker_id: workerId,
      generation: String(generation),
      ...(closeReason !== '' && { close_reason: closeReason }),
    },
  };
}
