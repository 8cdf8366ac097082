/**
 * One change at a time for each environment, within this gateway; `lock.ts` sees to other processes. Callers who ask for
 * the same share one run: it goes on for as long as one of them waits, and ends when the last one has gone.
 */
import { errors } from '../../errors.ts';

/** A word of how far a change has come; the fields of the contract's Progress. */
export interface ChangeProgress {
  readonly phase: 'wait' | 'resolve' | 'download' | 'build' | 'install' | 'verify' | 'publish';
  readonly item?: string;
  readonly done?: number;
  readonly total?: number;
  readonly unit?: 'bytes' | 'packages' | 'files' | 'steps';
  readonly message: string;
}

/** Hears how far a change has come. */
export type OnProgress = (progress: ChangeProgress) => void;

/** Whoever waits for a change. */
export interface Waiter {
  readonly onProgress: OnProgress;
  /** Calls back when the caller has gone, or at once if it has; answers how to stop listening. */
  onAbort(listener: (reason: Error) => void): () => void;
}

/** What is to be done to an environment. */
export interface Change<T> {
  /** The environment. */
  readonly name: string;
  /** Changes with the same key come to the same, and may be shared. */
  readonly key: string;
  /** What it does, such as `install pandas`, for those who wait for it. */
  readonly summary: string;
  work(onProgress: OnProgress, signal: AbortSignal): Promise<T>;
}

/** All changes that run or wait. */
export interface Changes {
  /** Does a change when those before it are done, or shares the one that runs. Throws what it throws. */
  run<T>(change: Change<T>, waiter: Waiter): Promise<T>;
  /** What is being done to an environment now. */
  running(name: string): string | undefined;
  /** Ends every change, and waits for them. */
  close(): Promise<void>;
}

interface Entry {
  readonly change: Change<unknown>;
  readonly waiters: Set<Seat>;
  readonly controller: AbortController;
  isRunning: boolean;
  latest: ChangeProgress | undefined;
}

interface Seat {
  readonly waiter: Waiter;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** None yet. */
export function createChanges(): Changes {
  const queues = new Map<string, Entry[]>();
  let isClosed = false;
  let onIdle: (() => void) | undefined;

  const tell = (entry: Entry, progress: ChangeProgress) => {
    entry.latest = progress;
    for (const { waiter } of entry.waiters) waiter.onProgress(progress);
  };
  const tellWaiting = ([head, ...behind]: Entry[]) => {
    for (const entry of behind) tell(entry, waitsFor((head as Entry).change.summary));
  };
  const start = async (name: string, queue: Entry[]) => {
    const entry = queue[0] as Entry;
    entry.isRunning = true;
    const onProgress: OnProgress = (progress) => tell(entry, progress);
    const settle = await entry.change.work(onProgress, entry.controller.signal).then(
      (value) => (seat: Seat) => seat.resolve(value),
      (error) => (seat: Seat) => seat.reject(error),
    );
    queue.shift();
    for (const seat of entry.waiters) settle(seat);
    entry.waiters.clear();
    if (queue.length > 0) {
      tellWaiting(queue);
      void start(name, queue);
      return;
    }
    queues.delete(name);
    if (queues.size === 0) onIdle?.();
  };
  const leave = (entry: Entry, queue: Entry[], seat: Seat, reason: Error) => {
    if (!entry.waiters.delete(seat)) return;
    seat.reject(reason);
    if (entry.waiters.size > 0) return;
    entry.controller.abort(reason);
    if (entry.isRunning) return;
    queue.splice(queue.indexOf(entry), 1);
    if (queue.length === 0) queues.delete(entry.change.name);
  };

  return {
    async run<T>(change: Change<T>, waiter: Waiter): Promise<T> {
      if (isClosed) throw errors.draining();
      let queue = queues.get(change.name);
      if (queue === undefined) {
        queue = [];
        queues.set(change.name, queue);
      }
      const own = queue;
      let entry = own.find((one) => one.change.key === change.key && !one.controller.signal.aborted);
      const isNew = entry === undefined;
      entry ??= {
        change,
        waiters: new Set(),
        controller: new AbortController(),
        isRunning: false,
        latest: undefined,
      };
      const joined = entry;
      let forget = () => {};
      const result = new Promise<unknown>((resolve, reject) => {
        const seat: Seat = { waiter, resolve, reject };
        joined.waiters.add(seat);
        if (isNew) own.push(joined);
        forget = waiter.onAbort((reason) => leave(joined, own, seat, reason));
      });
      if (!isNew) waiter.onProgress(waitsFor(`${joined.change.summary}, for another caller`));
      if (joined.latest !== undefined) waiter.onProgress(joined.latest);
      if (isNew && own[0] === joined) void start(change.name, own);
      else if (isNew && own.includes(joined)) waiter.onProgress(waitsFor((own[0] as Entry).change.summary));
      try {
        return (await result) as T;
      } finally {
        forget();
      }
    },
    running: (name) => queues.get(name)?.[0]?.change.summary,
    async close() {
      isClosed = true;
      for (const queue of [...queues.values()]) {
        for (const entry of [...queue])
          for (const seat of [...entry.waiters]) leave(entry, queue, seat, errors.draining());
      }
      if (queues.size > 0) await new Promise<void>((resolve) => (onIdle = resolve));
    },
  };
}

function waitsFor(summary: string): ChangeProgress {
  return { phase: 'wait', message: `waits for: ${summary}` };
}
