/** The gateway's machine: what it offers, how it is doing, what happens on it. */
import { IsolationLevel, StartMethod, WorkerState } from '../gen/es/beep/python/v1/host_pb.ts';
import { toBeepError } from './beep-error.ts';
import { dateOf, millisecondsOf } from './duration.ts';
import type { CallOptions, Link } from './link.ts';
import { nameOf } from './names.ts';
import { persistently } from './persistence.ts';

/** What a gateway says of itself. */
export interface HostInfo {
  readonly version: string;
  /** Who the token makes this client. */
  readonly principal: string;
  readonly defaultVenv: string;
  /** Empty: there is none. */
  readonly defaultRuntimeId: string;
  /** Such as "linux-x86_64". */
  readonly platform: string;
  readonly startedAt: Date | undefined;
  /** A new one for every start of the gateway. */
  readonly bootId: string;
  /** Its listeners: "http", "rpc" or "pipe", and what they speak. */
  readonly endpoints: readonly {
    readonly name: string;
    readonly address: string;
    readonly protocols: readonly string[];
  }[];
  /** How sessions are started. */
  readonly startMethod: Exclude<keyof typeof StartMethod, 'UNSPECIFIED'> | undefined;
  /** Every level, with what is missing where it cannot be had. */
  readonly isolation: readonly {
    readonly level: Exclude<keyof typeof IsolationLevel, 'UNSPECIFIED'> | undefined;
    readonly available: boolean;
    readonly details: readonly string[];
  }[];
  /** Largest message, either way. */
  readonly maxMessageBytes: number;
  /** Longest deadline that is accepted. */
  readonly maxTimeoutMs: number;
}

/** How a gateway is doing. */
export interface HostStats {
  readonly sessionsOpen: number;
  /** Those of them in which something runs. */
  readonly sessionsBusy: number;
  /** Executions and batches that wait. */
  readonly itemsQueued: number;
  /** Since the gateway's start. */
  readonly executionsTotal: number;
  readonly operationsTotal: number;
  /** Sessions by environment and preload list; of how long starting one takes, half and 99 of 100 took no longer. */
  readonly kinds: readonly {
    readonly venv: string;
    readonly preload: readonly string[];
    readonly open: number;
    readonly createdTotal: number;
    readonly acquireP50Ms: number;
    readonly acquireP99Ms: number;
  }[];
}

/** A worker process. */
export interface WorkerInfo {
  readonly id: string;
  readonly pid: number;
  readonly state: Exclude<keyof typeof WorkerState, 'UNSPECIFIED'> | undefined;
  readonly startedAt: Date | undefined;
  /** Open sessions on it. */
  readonly sessions: number;
  /** How often it was started again after it died, and why the last time. */
  readonly restarts: number;
  readonly lastError: string;
}

/** Something that happened on the host. */
export interface HostEvent {
  readonly time: Date | undefined;
  /** "session.opened", "worker.lost", "venv.changed" ... There may be more kinds some day. */
  readonly kind: string;
  /** The id or name of what it happened to. */
  readonly subject: string;
  /** A line for people. */
  readonly message: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What the gateway is. */
export async function hostInfo(link: Link, { signal }: CallOptions): Promise<HostInfo> {
  const call = () => link.services.hosts.getHost({}, { signal });
  const answer = await persistently(link, call, signal);
  const { version, principal, defaultVenv, defaultRuntimeId, platform, bootId, maxMessageBytes } = answer;
  return {
    version,
    principal,
    defaultVenv,
    defaultRuntimeId,
    platform,
    startedAt: dateOf(answer.startedAt),
    bootId,
    endpoints: answer.endpoints.map(({ name, address, protocols }) => ({ name, address, protocols })),
    startMethod: nameOf(StartMethod, answer.startMethod),
    isolation: answer.isolation.map(({ level, available, details }) => ({
      level: nameOf(IsolationLevel, level),
      available: available === true,
      details,
    })),
    maxMessageBytes,
    maxTimeoutMs: millisecondsOf(answer.maxTimeout),
  };
}

/** How it is doing. */
export async function hostStats(link: Link, { signal }: CallOptions): Promise<HostStats> {
  const call = () => link.services.hosts.getStats({}, { signal });
  const { sessionsOpen, sessionsBusy, itemsQueued, ...answer } = await persistently(link, call, signal);
  return {
    sessionsOpen,
    sessionsBusy,
    itemsQueued,
    executionsTotal: Number(answer.executionsTotal),
    operationsTotal: Number(answer.operationsTotal),
    kinds: answer.kinds.map(({ venv, preload, open, createdTotal, acquireP50, acquireP99 }) => ({
      venv,
      preload,
      open,
      createdTotal: Number(createdTotal),
      acquireP50Ms: millisecondsOf(acquireP50),
      acquireP99Ms: millisecondsOf(acquireP99),
    })),
  };
}

/** Its worker processes. */
export async function listWorkers(link: Link, { signal }: CallOptions): Promise<readonly WorkerInfo[]> {
  const { workers } = await persistently(link, () => link.services.hosts.listWorkers({}, { signal }), signal);
  return workers.map(({ id, pid, state, startedAt, sessions, restarts, lastError }) => ({
    id,
    pid,
    state: nameOf(WorkerState, state),
    startedAt: dateOf(startedAt),
    sessions,
    restarts,
    lastError,
  }));
}

/** What happens. A watch is of one connection: what is missed while there is none is told by its beginning anew. */
export async function* watchHost(link: Link, { signal }: CallOptions): AsyncGenerator<HostEvent, void, undefined> {
  link.check();
  try {
    for await (const { time, kind, subject, message, attributes } of link.services.hosts.watchHost({}, { signal })) {
      if (kind !== 'heartbeat') yield { time: dateOf(time), kind, subject, message, attributes };
    }
  } catch (thrown) {
    signal?.throwIfAborted();
    throw toBeepError(thrown);
  }
}
