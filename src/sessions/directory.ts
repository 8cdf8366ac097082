/**
 * Which worker has which session, looked up as (principal, id): another principal's session looks like an absent one.
 * What is known here can be rebuilt by asking the workers.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { BeepError, errors } from '../errors.ts';
import {
  type OpenSessionRequest,
  SessionChange,
  type WatchResponse,
} from '../gen/worker/beep/python/worker/v1/worker.ts';
import type { Attachment } from '../workers/attachment.ts';
import type { WorkerLink } from '../workers/link.ts';
import type { PoolListener, WorkerPool, WorkerSlot } from '../workers/pool.ts';
import { type HostChange, type HostChanges, sessionChange } from './host-changes.ts';

/** What a session is opened with. */
export interface NewSession {
  readonly principal: string;
  readonly environment: { readonly name: string; readonly generation: number; readonly pythonPath: string };
  readonly preload: readonly string[];
  /** A `beep.python.v1.SessionSpec`. */
  readonly spec: Uint8Array;
}

/** All sessions. Every call throws BeepError. */
export interface SessionDirectory extends PoolListener {
  /** Opens a session; a `beep.python.v1.Session`. */
  open(request: NewSession): Promise<Uint8Array>;
  /** Opens a session that ends with its first item, and attaches to it, in one trip. */
  openFresh(request: NewSession): { readonly sessionId: string; readonly attachment: Attachment };
  /** Id of the principal's default session; it is opened once, also under concurrent first calls. */
  openDefault(principal: string, describe: () => Promise<NewSession>): Promise<string>;
  /** Id of the principal's default session, where there is one. */
  findDefault(principal: string): string | undefined;
  /** Whether it has not ended, as far as is known here. */
  isOpen(sessionId: string): boolean;
  /** Has the template ready that sessions of a kind are forked from. */
  prepare(kind: Omit<NewSession, 'spec'>): Promise<void>;
  /** Where items for a session go. */
  attachment(principal: string, sessionId: string): Attachment;
  /** The worker that has, or had, a session. */
  link(principal: string, sessionId: string): WorkerLink;
  /** A session that went with its worker, a short while ago; nobody else is left to describe it. */
  lost(principal: string, sessionId: string): LostSession | undefined;
  /** All such sessions of a principal. */
  lostOf(principal: string): LostSession[];
  /** The last generation that a session is known to have had; 0 where it is not known. */
  generation(sessionId: string): number;
  /** A principal's sessions that are open, as changes of the host. */
  sessionsOf(principal: string): HostChange[];
  /** Sessions of all principals in an environment. */
  sessionsIn(venv: string): VenvSession[];
  /** Ends a session of anybody. */
  close(sessionId: string, why: string): Promise<void>;
  /** An environment has changed or is gone: no session is forked from an earlier generation any more. */
  releaseTemplates(venv: string, keptGeneration: number): Promise<void>;
  /** Links to all workers that are there. */
  links(): WorkerLink[];
  readonly size: number;
}

/** A session by the environment that it keeps. */
export interface VenvSession {
  readonly sessionId: string;
  readonly principal: string;
  /** Generation of the environment. */
  readonly venvGeneration: number;
}

/** What is known of a session whose worker was lost. */
export interface LostSession {
  readonly sessionId: string;
  readonly generation: number;
  /** A `beep.python.v1.Session`, as it was when it was opened. */
  readonly opened: Uint8Array;
  readonly why: string;
}

/** What the directory needs. */
export interface SessionDirectoryOptions {
  readonly pool: WorkerPool;
  /** Folder of all workspaces, each in one of its worker's, which goes with that. */
  readonly workspaces: string;
  readonly maxSessions: number;
  readonly maxSessionsPerWorker: number;
  /** Hears what becomes of sessions. */
  readonly changes: HostChanges;
  /** Hears of environments that have one session less. */
  readonly onVenvLeft?: (venv: string, generation: number) => void;
  /** Hears of environments in which a session could not be started. */
  readonly onStartFailed?: (environment: NewSession['environment']) => void;
}

interface Entry {
  readonly sessionId: string;
  readonly principal: string;
  readonly slot: WorkerSlot;
  readonly workerId: string;
  readonly venv: { readonly name: string; readonly generation: number };
  generation: number;
  /** It has been there. */
  isOpened: boolean;
  /** A `beep.python.v1.Session`. */
  opened?: Uint8Array;
  attachment?: Attachment;
}

/** One that has ended. */
interface Past {
  readonly entry: Entry;
  readonly why: string;
  readonly closeReason: string;
}

interface DefaultSession {
  readonly sessionId: string;
  generation: number;
  opening: Promise<unknown> | undefined;
}

// So many sessions that have ended can still be asked for.
const maxEnded = 1000;

/** An empty directory over a pool. */
export function createSessionDirectory(options: SessionDirectoryOptions): SessionDirectory {
  const { pool, changes } = options;
  const open = new Map<string, Entry>();
  const ended = new Map<string, Past>();
  const defaults = new Map<string, DefaultSession>();
  const sizes = new Map<string, number>();

  const register = (request: NewSession, sessionId: string, generation: number): Entry => {
    if (open.size >= options.maxSessions) {
      throw errors.quotaExceeded('sessions', options.maxSessions, { retryAfterMs: 1000, hint: 'close some' });
    }
    const slot = pick(request);
    const { principal, environment: venv } = request;
    const entry: Entry = { sessionId, principal, slot, workerId: slot.workerId, venv, generation, isOpened: false };
    open.set(sessionId, entry);
    sizes.set(entry.workerId, (sizes.get(entry.workerId) ?? 0) + 1);
    return entry;
  };
  /** Once, and before anything else that becomes of it, whichever way the news came. */
  const tellOpened = (entry: Entry) => {
    if (entry.isOpened) return;
    entry.isOpened = true;
    changes.emit(sessionChange('opened', entry));
  };
  const remove = (entry: Entry, why: string, closeReason: string) => {
    if (!open.delete(entry.sessionId)) return;
    if (closeReason !== 'START_FAILED') tellOpened(entry);
    changes.emit(sessionChange('closed', entry, why, closeReason));
    const left = (sizes.get(entry.workerId) ?? 1) - 1;
    if (left === 0) sizes.delete(entry.workerId);
    else sizes.set(entry.workerId, left);
    options.onVenvLeft?.(entry.venv.name, entry.venv.generation);
    entry.attachment?.close();
    delete entry.attachment; // what has ended is remembered, its stream is not
    ended.set(entry.sessionId, { entry, why, closeReason });
    if (ended.size > maxEnded) ended.delete(ended.keys().next().value as string);
  };
  /** Sessions of one kind live on one worker, since its template does, until that is full or not there. */
  const pick = (request: Omit<NewSession, 'spec'>): WorkerSlot => {
    const { principal, environment, preload } = request;
    const key = [principal, environment.name, environment.generation, ...preload].join('\0');
    const first = hash(key) % pool.slots.length;
    for (let i = 0; i < pool.slots.length; i++) {
      const slot = pool.slots[(first + i) % pool.slots.length] as WorkerSlot;
      if (slot.state === 'ready' && (sizes.get(slot.workerId) ?? 0) < options.maxSessionsPerWorker) return slot;
    }
    (pool.slots[first] as WorkerSlot).link(); // throws why, if it is not there
    throw errors.quotaExceeded('sessions on one worker', options.maxSessionsPerWorker, {
      retryAfterMs: 1000,
      hint: 'close some, or start more workers',
    });
  };
  const tellStartFailed = ({ environment }: NewSession, error: unknown) => {
    if (error instanceof BeepError && error.reason === 'START_FAILED') options.onStartFailed?.(environment);
  };
  const toRequest = (
    request: NewSession,
    { sessionId, workerId, generation }: Entry,
    ephemeral: boolean,
  ): OpenSessionRequest => ({
    sessionId,
    principal: request.principal,
    environment: toEnvironment(request.environment),
    spec: request.spec,
    workspace: join(options.workspaces, workerId, sessionId),
    ephemeral,
    generation,
  });
  const openAs = async (request: NewSession, sessionId: string, generation: number): Promise<Uint8Array> => {
    const entry = register(request, sessionId, generation);
    try {
      entry.opened = await entry.slot.link().openSession(toRequest(request, entry, false));
      return entry.opened;
    } catch (error) {
      remove(entry, 'it could not be started', 'START_FAILED');
      tellStartFailed(request, error);
      ended.delete(sessionId);
      throw error;
    }
  };
  const find = (principal: string, sessionId: string): Entry => {
    const entry = open.get(sessionId);
    if (entry === undefined || entry.principal !== principal) throw errors.sessionNotFound(sessionId);
    return entry;
  };

  return {
    open: (request) => openAs(request, newSessionId(), 1),
    openFresh(request) {
      const entry = register(request, newSessionId(), 1);
      const attachment = entry.slot.link().attachNew(toRequest(request, entry, true));
      attachment.opened.then(
        (session) => {
          entry.opened = session;
          tellOpened(entry);
        },
        (error) => {
          remove(entry, 'it could not be started', 'START_FAILED');
          tellStartFailed(request, error);
        },
      );
      return { sessionId: entry.sessionId, attachment };
    },
    async openDefault(principal, describe) {
      let known = defaults.get(principal);
      if (known !== undefined && open.has(known.sessionId) && known.opening === undefined) return known.sessionId;
      if (known === undefined) {
        known = { sessionId: newSessionId(), generation: 0, opening: undefined };
        defaults.set(principal, known);
      }
      const session = known;
      session.opening ??= describe()
        .then((request) => openAs(request, session.sessionId, session.generation + 1))
        .then(() => void ended.delete(session.sessionId))
        .finally(() => {
          session.opening = undefined;
        });
      await session.opening;
      return session.sessionId;
    },
    findDefault(principal) {
      const known = defaults.get(principal);
      return known !== undefined && open.has(known.sessionId) ? known.sessionId : undefined;
    },
    isOpen: (sessionId) => open.has(sessionId),
    async prepare({ principal, environment, preload }) {
      const link = pick({ principal, environment, preload }).link();
      await link.prepareTemplate({ principal, environment: toEnvironment(environment), preload: [...preload] });
    },
    attachment(principal, sessionId) {
      const past = ended.get(sessionId);
      if (past?.entry.principal === principal) throw closed(sessionId, past);
      const entry = find(principal, sessionId);
      if (entry.attachment === undefined || entry.attachment.hasEnded) {
        entry.attachment = entry.slot.link().attach(sessionId);
      }
      return entry.attachment;
    },
    link(principal, sessionId) {
      const entry = ended.get(sessionId)?.entry ?? find(principal, sessionId);
      if (entry.principal !== principal) throw errors.sessionNotFound(sessionId);
      if (entry.workerId !== entry.slot.workerId) {
        throw closed(sessionId, ended.get(sessionId));
      }
      return entry.slot.link();
    },
    lost(principal, sessionId) {
      const past = ended.get(sessionId);
      return past?.entry.principal === principal ? lostSession(past) : undefined;
    },
    lostOf: (principal) =>
      [...ended.values()]
        .filter(({ entry }) => entry.principal === principal)
        .map(lostSession)
        .filter((session) => session !== undefined),
    generation: (sessionId) => (open.get(sessionId) ?? ended.get(sessionId)?.entry)?.generation ?? 0,
    sessionsOf: (principal) =>
      [...open.values()]
        .filter((entry) => entry.principal === principal && entry.isOpened)
        .map((entry) => sessionChange('opened', entry)),
    sessionsIn: (venv) =>
      [...open.values()]
        .filter((entry) => entry.venv.name === venv)
        .map(({ sessionId, principal, venv: { generation } }) => ({
          sessionId,
          principal,
          venvGeneration: generation,
        })),
    async close(sessionId, why) {
      const entry = open.get(sessionId);
      if (entry !== undefined) await entry.slot.link().closeSession(sessionId, why);
    },
    async releaseTemplates(venv, keptGeneration) {
      const ready = pool.slots.filter((slot) => slot.state === 'ready');
      // A worker that goes meanwhile takes its templates with it.
      await Promise.allSettled(ready.map((slot) => slot.link().releaseTemplates({ venv, keptGeneration })));
    },
    links: () => pool.slots.filter((slot) => slot.state === 'ready').map((slot) => slot.link()),
    get size() {
      return open.size;
    },
    onLost(workerId, why) {
      for (const entry of [...open.values()]) {
        if (entry.workerId === workerId) remove(entry, `its worker was lost: ${why}`, 'WORKER_LOST');
      }
    },
    onSessionChange(_workerId, change: WatchResponse) {
      const entry = open.get(change.sessionId);
      if (entry === undefined) return;
      entry.generation = Math.max(entry.generation, change.generation);
      const known = defaults.get(entry.principal);
      if (known?.sessionId === change.sessionId) known.generation = Math.max(known.generation, change.generation);
      if (change.change === SessionChange.SESSION_CHANGE_ENDED) {
        remove(entry, change.message || 'it has ended', change.closeReason);
      } else {
        tellOpened(entry);
        const kind = kinds[change.change];
        if (kind !== undefined) changes.emit(sessionChange(kind, entry, change.message));
      }
    },
  };
}

const kinds: Readonly<Partial<Record<SessionChange, string>>> = {
  [SessionChange.SESSION_CHANGE_DIED]: 'died',
  [SessionChange.SESSION_CHANGE_REPLACED]: 'replaced',
};

function closed(sessionId: string, past: Past | undefined) {
  return errors.sessionClosed(sessionId, past?.why ?? 'its worker was lost', past?.closeReason ?? 'WORKER_LOST');
}

function lostSession({ entry, why, closeReason }: Past): LostSession | undefined {
  const { sessionId, generation, opened } = entry;
  return closeReason === 'WORKER_LOST' && opened !== undefined ? { sessionId, generation, opened, why } : undefined;
}

/** No more of an environment than a worker needs. */
function toEnvironment({ name, generation, pythonPath }: NewSession['environment']): NewSession['environment'] {
  return { name, generation, pythonPath };
}

function newSessionId(): string {
  return randomBytes(16).toString('hex');
}

/** FNV-1a: spreads keys over workers, nothing more. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
