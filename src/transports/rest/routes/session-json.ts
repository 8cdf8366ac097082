/** A session as plain JSON. */
import {
  CloseReasonSchema,
  type Limits,
  type Session,
  SessionOriginSchema,
  SessionStateSchema,
} from '../../../gen/es/beep/python/v1/execute_pb.ts';
import { IsolationLevelSchema } from '../../../gen/es/beep/python/v1/host_pb.ts';
import { enumName } from './enum-name.ts';
import { secondsJson, timeJson } from './time-json.ts';

/** The session. */
export function sessionJson(session: Session) {
  return {
    sessionId: session.id,
    generation: session.generation,
    state: enumName(SessionStateSchema, session.state),
    origin: enumName(SessionOriginSchema, session.origin),
    venv: session.venv,
    venvGeneration: session.venvGeneration,
    pythonVersion: session.pythonVersion,
    pid: session.pid,
    createdAt: timeJson(session.createdAt),
    usedAt: timeJson(session.usedAt),
    expiresAt: timeJson(session.expiresAt),
    acquireSeconds: secondsJson(session.acquireTime),
    isolation: enumName(IsolationLevelSchema, session.isolation),
    isolationDetails: session.isolationDetails,
    limits: limitsJson(session.limits),
    runningItemId: session.runningItemId,
    queuedItems: session.queuedItems,
    labels: session.labels,
    workspace: session.workspace,
    workerId: session.workerId,
    closeReason: enumName(CloseReasonSchema, session.closeReason),
    closeMessage: session.closeMessage,
    usage:
      session.usage === undefined
        ? undefined
        : {
            residentBytes: session.usage.residentBytes,
            cpuSeconds: secondsJson(session.usage.cpuTime),
            processes: session.usage.processes,
          },
  };
}

/** Only those that there are, by the names that `POST /sessions` takes. */
function limitsJson(limits: Limits | undefined): Record<string, unknown> {
  return {
    memoryBytes: limits?.memoryBytes || undefined,
    cpuSeconds: limits?.cpuTime && secondsJson(limits.cpuTime),
    processes: limits?.processes || undefined,
    openFiles: limits?.openFiles || undefined,
    fileBytes: limits?.fileBytes || undefined,
    outputBytes: limits?.outputBytes || undefined,
  };
}
