/** What a session should be, and what it is. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  CloseReason,
  type Session as Message,
  SessionOrigin,
  type SessionSpecSchema,
  SessionState,
} from '../gen/es/beep/python/v1/execute_pb.ts';
import { IsolationLevel } from '../gen/es/beep/python/v1/host_pb.ts';
import { dateOf, durationOf } from './duration.ts';
import { nameOf } from './names.ts';
import { checked, type Names } from './option-names.ts';

/** Bounds of a session; what is left out is the host's default. */
export interface Limits {
  /** Memory of the session and of all that it starts. */
  readonly memoryBytes?: number;
  /** CPU time of the session and all that it starts. */
  readonly cpuTimeMs?: number;
  /** Processes and threads at one time. */
  readonly processes?: number;
  readonly openFiles?: number;
  /** Size of one file that it writes. */
  readonly fileBytes?: number;
  /** Output of one execution. */
  readonly outputBytes?: number;
  /** Running time of an execution that names no timeout. */
  readonly runTimeMs?: number;
  /** Live objects held at one time. */
  readonly handles?: number;
  /** Bytes of the live objects held at one time, with what is being written, and copied to be read. */
  readonly pinnedBytes?: number;
}

/** What a session should be. */
export interface SessionOptions {
  /** Name of an environment, or its absolute path; left out: the default environment. */
  readonly venv?: string;
  /** Modules that are imported once and shared by the sessions that name the same list, such as "numpy". */
  readonly preload?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The folder to start in; inside the workspace unless absolute. */
  readonly cwd?: string;
  readonly limits?: Limits;
  readonly isolation?: Exclude<keyof typeof IsolationLevel, 'UNSPECIFIED'>;
  /** It ends when nothing used it for so long. */
  readonly idleTimeoutMs?: number;
  /** It ends when it is so old, used or not. */
  readonly lifetimeMs?: number;
  /** Marks of your own, to find sessions by. */
  readonly labels?: Readonly<Record<string, string>>;
  /** When its process dies, end the session; otherwise a fresh one takes its place. */
  readonly closeOnDeath?: boolean;
}

const limitNames: Names<Limits> = {
  memoryBytes: true,
  cpuTimeMs: true,
  processes: true,
  openFiles: true,
  fileBytes: true,
  outputBytes: true,
  runTimeMs: true,
  handles: true,
  pinnedBytes: true,
};

const sessionNames: Names<SessionOptions> = {
  venv: true,
  preload: true,
  env: true,
  cwd: true,
  limits: true,
  isolation: true,
  idleTimeoutMs: true,
  lifetimeMs: true,
  labels: true,
  closeOnDeath: true,
};

/** A session as it stands. */
export interface SessionInfo {
  readonly id: string;
  /** Grows with every fresh interpreter under this id. */
  readonly generation: number;
  readonly state: Exclude<keyof typeof SessionState, 'UNSPECIFIED'> | undefined;
  /** How its interpreter came to be; "EXISTING": the same key made it before. */
  readonly origin: Exclude<keyof typeof SessionOrigin, 'UNSPECIFIED'> | undefined;
  readonly venv: string;
  readonly pythonVersion: string;
  /** On the gateway's machine; 0 while there is no process. */
  readonly pid: number;
  readonly createdAt: Date | undefined;
  readonly usedAt: Date | undefined;
  /** When it ends unless used or renewed. */
  readonly expiresAt: Date | undefined;
  /** Why it ended; undefined: it has not. */
  readonly closeReason: Exclude<keyof typeof CloseReason, 'UNSPECIFIED'> | undefined;
  readonly closeMessage: string;
  /** The execution or batch that runs; empty: none. */
  readonly runningItemId: string;
  /** Executions and batches that wait. */
  readonly queuedItems: number;
  readonly labels: Readonly<Record<string, string>>;
  /** The folder that relative paths start from. */
  readonly workspace: string;
  readonly isolation: Exclude<keyof typeof IsolationLevel, 'UNSPECIFIED'> | undefined;
  readonly isolationDetails: readonly string[];
}

/** The options as a message. */
export function sessionSpec(options: SessionOptions): MessageInitShape<typeof SessionSpecSchema> {
  const limits = checked(checked(options, sessionNames, 'a session').limits, limitNames, 'limits');
  return {
    venv: options.venv,
    preload: [...(options.preload ?? [])],
    env: { ...options.env },
    cwd: options.cwd,
    limits: limits && {
      memoryBytes: bytes(limits.memoryBytes),
      cpuTime: durationOf(limits.cpuTimeMs, 'limits.cpuTimeMs'),
      processes: limits.processes,
      openFiles: limits.openFiles,
      fileBytes: bytes(limits.fileBytes),
      outputBytes: bytes(limits.outputBytes),
      runTime: durationOf(limits.runTimeMs, 'limits.runTimeMs'),
      handles: limits.handles,
      pinnedBytes: bytes(limits.pinnedBytes),
    },
    isolation: options.isolation === undefined ? undefined : IsolationLevel[options.isolation],
    idleTimeout: durationOf(options.idleTimeoutMs, 'idleTimeoutMs'),
    lifetime: durationOf(options.lifetimeMs, 'lifetimeMs'),
    labels: { ...options.labels },
    closeOnDeath: options.closeOnDeath,
  };
}

/** The session of a message. */
export function sessionInfoOf(message: Message): SessionInfo {
  return {
    id: message.id,
    generation: message.generation,
    state: nameOf(SessionState, message.state),
    origin: nameOf(SessionOrigin, message.origin),
    venv: message.venv,
    pythonVersion: message.pythonVersion,
    pid: message.pid,
    createdAt: dateOf(message.createdAt),
    usedAt: dateOf(message.usedAt),
    expiresAt: dateOf(message.expiresAt),
    closeReason: nameOf(CloseReason, message.closeReason),
    closeMessage: message.closeMessage,
    runningItemId: message.runningItemId,
    queuedItems: message.queuedItems,
    labels: message.labels,
    workspace: message.workspace,
    isolation: nameOf(IsolationLevel, message.isolation),
    isolationDetails: message.isolationDetails,
  };
}

function bytes(count: number | undefined): bigint | undefined {
  return count === undefined ? undefined : BigInt(count);
}
