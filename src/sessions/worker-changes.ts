/** What becomes of workers and of their templates, for those who watch the host. */
import type { TemplateStats } from '../gen/worker/beep/python/worker/v1/worker.ts';
import type { PoolListener, WorkerSlot } from '../workers/pool.ts';
import type { HostChange, HostChanges } from './host-changes.ts';

type Worker = Pick<WorkerSlot, 'workerId' | 'state' | 'pid' | 'restarts' | 'lastError'>;

/** Tells the changes. */
export function createWorkerChanges(changes: HostChanges): PoolListener {
  return {
    onStarting: (slot) => changes.emit(workerChange(slot)),
    onReady: (slot) => changes.emit(workerChange(slot)),
    onFailed: (slot) => changes.emit(workerChange(slot)),
    onLost: (workerId, why) => changes.emit({ kind: 'worker.lost', subject: workerId, message: why }),
    onSessionChange(workerId, { template, message }) {
      if (template?.template !== undefined) {
        changes.emit(templateChange(workerId, template.template, template.hasEnded, message));
      }
    },
  };
}

/** A worker as it stands now. */
export function workerChange({ workerId, state, pid, restarts, lastError }: Worker): HostChange {
  return {
    kind: `worker.${state}`,
    subject: workerId,
    message: state === 'ready' ? '' : lastError,
    attributes: { restarts: String(restarts), ...(pid !== undefined && { pid: String(pid) }) },
  };
}

/** A template that started, or has ended. */
export function templateChange(
  workerId: string,
  { pid, venv, preload, spawnReason }: Omit<TemplateStats, 'residentBytes'>,
  hasEnded = false,
  message = '',
): HostChange {
  return {
    kind: hasEnded ? 'template.ended' : 'template.started',
    subject: String(pid),
    message,
    attributes: {
      worker_id: workerId,
      pid: String(pid),
      venv,
      preload: preload.join(' '),
      ...(spawnReason !== '' && { spawn_reason: spawnReason }),
    },
  };
}
