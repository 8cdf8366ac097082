/** The workers: started together, each replaced when it is lost. */
import type { Clock } from '../clock.ts';
import { type BeepError, errors, toBeepError } from '../errors.ts';
import type { WatchResponse } from '../gen/worker/beep/python/worker/v1/worker.ts';
import type { Logger } from '../log.ts';
import { createWorkerLink, type WorkerLink } from './link.ts';
import { startWorkerProcess, type WorkerProcess, type WorkerProcessOptions } from './process.ts';

/** What a worker's place tells. */
export type WorkerState = 'starting' | 'ready' | 'failed';

/** One place in the pool; its worker may be another one after a loss. */
export interface WorkerSlot {
  readonly index: number;
  /** Of the worker that is there now, another one after every restart. */
  readonly workerId: string;
  readonly state: WorkerState;
  readonly pid: number | undefined;
  readonly startedAt: Date | undefined;
  readonly restarts: number;
  readonly lastError: string;
  /** What sessions can be held to here, by the worker that is or was there. */
  readonly mechanisms: readonly string[];
  /** The link to the worker that is there; throws WORKER_LOST while there is none, DRAINING once the pool is closed. */
  link(): WorkerLink;
}

/** Who wants to know what becomes of workers. */
export interface PoolListener {
  /** A worker is on its way. */
  onStarting?(slot: WorkerSlot): void;
  onReady?(slot: WorkerSlot): void;
  /** It failed too often, and is not tried again for a while. */
  onFailed?(slot: WorkerSlot): void;
  /** The worker under this id has gone, with every session that it had. */
  onLost?(workerId: string, why: string): void;
  /** Something became of a session, or of a template. */
  onSessionChange?(workerId: string, change: WatchResponse): void;
}

/** All workers. */
export interface WorkerPool {
  readonly slots: readonly WorkerSlot[];
  /** Resolves when every worker is ready; throws what kept one from starting. The listeners hear in their order. */
  start(listeners: readonly PoolListener[]): Promise<void>;
  close(): Promise<void>;
}

/** What a pool needs. */
export interface WorkerPoolOptions extends Omit<WorkerProcessOptions, 'id'> {
  readonly size: number;
  readonly clock: Clock;
  readonly log: Logger;
}

const firstBackoffMs = 100;
const maxBackoffMs = 10_000;

// So many losses within a minute, and a worker is not started again before the minute is over.
const circuitFailures = 5;
const circuitWindowMs = 60_000;

/** Makes the pool; nothing is started yet. */
export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const slots = Array.from({ length: options.size }, (_, index) => createSlot(index, options));
  return {
    slots,
    async start(listeners) {
      try {
        await Promise.all(slots.map((slot) => slot.start(toOne(listeners))));
      } catch (error) {
        await Promise.all(slots.map((slot) => slot.close()));
        throw error;
      }
    },
    close: async () => void (await Promise.all(slots.map((slot) => slot.close()))),
  };
}

type Listener = Required<PoolListener>;

function toOne(listeners: readonly PoolListener[]): Listener {
  return {
    onStarting: (slot) => listeners.forEach((listener) => void listener.onStarting?.(slot)),
    onReady: (slot) => listeners.forEach((listener) => void listener.onReady?.(slot)),
    onFailed: (slot) => listeners.forEach((listener) => void listener.onFailed?.(slot)),
    onLost: (workerId, why) => listeners.forEach((listener) => void listener.onLost?.(workerId, why)),
    onSessionChange: (id, change) => listeners.forEach((listener) => void listener.onSessionChange?.(id, change)),
  };
}

function createSlot(index: number, options: WorkerPoolOptions) {
  const { clock, log } = options;
  let state: WorkerState = 'starting';
  let current: { process: WorkerProcess; link: WorkerLink } | undefined;
  let starts = 0;
  let startedAt: Date | undefined;
  let lastError = '';
  let mechanisms: readonly string[] = [];
  const closing = new AbortController();
  let starting: Promise<void> | undefined;
  let lossesAt: number[] = [];
  let retry: { cancel(): void } | undefined;

  const start = (listener: Listener): Promise<void> => {
    starting = startWorker(listener);
    return starting;
  };
  const startWorker = async (listener: Listener) => {
    state = 'starting';
    const workerId = nameOf(index, starts++);
    listener.onStarting(slot);
    const process = await startWorkerProcess({ ...options, id: workerId }, closing.signal);
    const link = createWorkerLink(process.address, process.token, options.maxMessageBytes);
    const giveUp = () => {
      link.close();
      return process.close();
    };
    closing.signal.addEventListener('abort', giveUp);
    try {
      mechanisms = (await link.hello()).mechanisms;
    } catch (error) {
      await giveUp(); // another one is started instead, and never beside it
      throw error;
    } finally {
      closing.signal.removeEventListener('abort', giveUp);
    }
    if (closing.signal.aborted) return await giveUp();
    link.watch((change) => listener.onSessionChange(workerId, change));
    current = { process, link };
    state = 'ready';
    startedAt = new Date(clock.now());
    log.info({ worker: workerId, pid: process.pid }, 'worker is ready');
    void process.exited.then((why) => lost(workerId, why, listener));
    listener.onReady(slot);
  };
  const lost = (workerId: string, why: string, listener: Listener) => {
    current?.link.close();
    current = undefined;
    state = 'starting';
    if (closing.signal.aborted) return;
    log.error({ worker: workerId, why }, 'worker is lost');
    listener.onLost(workerId, why);
    startAgain(why, listener);
  };
  const startAgain = (why: string, listener: Listener) => {
    lastError = why;
    const now = clock.monotonic();
    lossesAt = [...lossesAt.filter((at) => now - at < circuitWindowMs), now];
    const isOpen = lossesAt.length >= circuitFailures;
    if (isOpen) {
      state = 'failed';
      listener.onFailed(slot);
    }
    const backoffMs = Math.min(firstBackoffMs * 2 ** (lossesAt.length - 1), maxBackoffMs) * (0.75 + Math.random() / 2);
    const delayMs = isOpen ? circuitWindowMs - (now - (lossesAt[0] as number)) : lossesAt.length === 1 ? 0 : backoffMs;
    retry = clock.setTimer(delayMs, () => {
      start(listener).catch((error: unknown) => {
        if (closing.signal.aborted) return;
        log.error({ worker: slot.workerId, err: error }, 'worker did not start');
        startAgain(toBeepError(error).message, listener);
      });
    });
  };
  let ending: Promise<void> | undefined;
  const end = async () => {
    closing.abort();
    current?.link.drain();
    retry?.cancel();
    await starting?.catch(() => {}); // whoever started it is told
    const running = current;
    current = undefined;
    await running?.process.close();
    running?.link.close();
  };
  const slot = {
    index,
    get workerId() {
      return nameOf(index, Math.max(0, starts - 1));
    },
    get state() {
      return state;
    },
    get pid() {
      return current?.process.pid;
    },
    get startedAt() {
      return startedAt;
    },
    get restarts() {
      return Math.max(0, starts - 1);
    },
    get lastError() {
      return lastError;
    },
    get mechanisms() {
      return mechanisms;
    },
    link(): WorkerLink {
      if (closing.signal.aborted) throw errors.draining();
      if (current === undefined) throw absent(state, lastError);
      return current.link;
    },
    start,
    close() {
      ending ??= end();
      return ending;
    },
  };
  return slot;
}

function nameOf(index: number, starts: number): string {
  return starts === 0 ? `w${index + 1}` : `w${index + 1}-${starts + 1}`;
}

function absent(state: WorkerState, lastError: string): BeepError {
  return state === 'failed'
    ? errors.workerLost(`it failed ${circuitFailures} times within a minute, last: ${lastError}`, {
        retryAfterMs: 30_000,
      })
    : errors.workerLost(lastError || 'it is being started', { retryAfterMs: 500 });
}
