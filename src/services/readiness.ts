/** Whether the gateway takes calls: not yet, now, or never again. */

/** What is asked of it, and told to it. */
export interface Readiness {
  isReady(): boolean;
  /** It was ready, and shuts down. */
  hasEnded(): boolean;
  begin(): void;
  end(): void;
  /** Calls back after each change; the returned function ends that. */
  listen(listener: () => void): () => void;
}

/** Makes one that is not ready yet. */
export function createReadiness(): Readiness {
  let state: 'starting' | 'ready' | 'ended' = 'starting';
  const listeners = new Set<() => void>();
  const become = (next: typeof state) => {
    state = next;
    for (const listener of [...listeners]) listener();
  };
  return {
    isReady: () => state === 'ready',
    hasEnded: () => state === 'ended',
    begin: () => become('ready'),
    end: () => become('ended'),
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
