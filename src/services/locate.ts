/** From what a request says to the session that its items go to. */

import { create, toBinary } from '@bufbuild/protobuf';
import { type Duration, DurationSchema } from '@bufbuild/protobuf/wkt';
import { errors } from '../errors.ts';
import { LimitsSchema, type SessionSpec, SessionSpecSchema } from '../gen/es/beep/python/v1/execute_pb.ts';
import type { NewSession, SessionDirectory } from '../sessions/directory.ts';
import type { ResolveEnvironment } from '../venvs/resolve.ts';

/** What services need to open sessions. */
export interface SessionDefaults {
  readonly resolveEnvironment: ResolveEnvironment;
  /** Environment of sessions that name none. */
  readonly venv: string;
  readonly idleTimeoutMs: number;
  readonly defaultSessionIdleTimeoutMs: number;
  /** Of sessions that name no such limit; 0: none. */
  readonly sessionMemoryBytes: number;
  readonly sessionProcesses: number;
}

/** A session as a caller described it. Throws VENV_NOT_FOUND and the like. */
export async function describeSession(
  principal: string,
  spec: SessionSpec | undefined,
  defaults: SessionDefaults,
): Promise<NewSession> {
  const environment = await defaults.resolveEnvironment(spec?.venv || defaults.venv);
  const full: SessionSpec = { ...(spec ?? create(SessionSpecSchema)), venv: environment.name };
  full.idleTimeout ??= durationOf(defaults.idleTimeoutMs);
  const { sessionMemoryBytes, sessionProcesses } = defaults;
  if (sessionMemoryBytes > 0 || sessionProcesses > 0) {
    const limits = full.limits ?? create(LimitsSchema);
    full.limits = {
      ...limits,
      memoryBytes: limits.memoryBytes || BigInt(sessionMemoryBytes),
      processes: limits.processes || sessionProcesses,
    };
  }
  return { principal, environment, preload: full.preload, spec: toBinary(SessionSpecSchema, full) };
}

/** Id of the caller's default session, opened on first use. */
export function defaultSession(
  principal: string,
  directory: SessionDirectory,
  defaults: SessionDefaults,
): Promise<string> {
  const idleTimeout = durationOf(defaults.defaultSessionIdleTimeoutMs);
  return directory.openDefault(principal, () =>
    describeSession(principal, create(SessionSpecSchema, { idleTimeout }), defaults),
  );
}

/** Id of the session that a request names; no id stands for the default session. Throws SESSION_NOT_FOUND for that. */
export function namedSession(wanted: string, principal: string, directory: SessionDirectory): string {
  const sessionId = wanted || directory.findDefault(principal);
  if (sessionId === undefined) throw errors.sessionNotFound('the default session');
  return sessionId;
}

/** Milliseconds as a message. */
export function durationOf(ms: number): Duration {
  const seconds = Math.floor(ms / 1000);
  return create(DurationSchema, { seconds: BigInt(seconds), nanos: Math.round((ms - seconds * 1000) * 1e6) });
}

/** A message as milliseconds. */
export function millisecondsOf(duration: Duration): number {
  return Number(duration.seconds) * 1000 + duration.nanos / 1e6;
}
