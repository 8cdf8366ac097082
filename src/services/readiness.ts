/** Whether the gateway takes calls: not yet, now, not while it has no worker, or never again. */

/** What is asked of it, and told to it. */
export interface Readiness {
  isReady(): boolean;
  /** It was ready, and shuts down. */
  hasEnded(): boolean;
  begin(): void;
  end(): void;
  /** What it needs may have changed. */
  tell(): void;
  /** Calls back after each change; the returned function ends that. */
  listen(listener: () => void): () => void;
}

/** Makes one that is not ready yet, nor later while it has not what it needs. */
export function createReadiness(hasWorkers: () => boolean): Readiness {
  let state: 'starting' | 'ready' | 'ended' = 'starting';
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of [...listeners]) listener();
  };
  const become = (next: typeof state) => {
    state = next;
    tell();
  };
  return {
    isReady: () => state === 'ready' && hasWorkers(),
    hasEnded: () => state === 'ended',
    begin: () => become('ready'),
    end: () => become('ended'),
    tell,
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
