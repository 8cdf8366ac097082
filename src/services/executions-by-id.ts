/** Executions by their id alone: which worker has one is asked, not remembered. */
import { BeepError, errors } from '../errors.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import type { WorkerLink } from '../workers/link.ts';
import type { Claims } from './claims.ts';
import { isWorkerLost } from './worker-loss.ts';

/**
 * Asks one worker after the other until one knows the execution. Throws EXECUTION_NOT_FOUND, or WORKER_LOST when one
 * went before it could say.
 */
export async function askWorkers<T>(
  directory: SessionDirectory,
  executionId: string,
  ask: (link: WorkerLink) => Promise<T>,
): Promise<T> {
  let refusal: unknown = errors.executionNotFound(executionId);
  for (const link of directory.links()) {
    try {
      return await ask(link);
    } catch (error) {
      // The next one may have it, whatever becomes of this one.
      if (isWorkerLost(error)) refusal = error;
      else if (!isNotFound(error)) throw error;
    }
  }
  throw refusal;
}

/** Whether no worker knows the execution. */
export function isNotFound(error: unknown): boolean {
  return error instanceof BeepError && error.reason === 'EXECUTION_NOT_FOUND';
}

/** Why no worker knows an execution whose id was used: its log is gone, alone or with its worker. */
export function explainMissing(
  error: unknown,
  { claims, directory }: { claims: Claims; directory: SessionDirectory },
  principal: string,
  executionId: string,
): unknown {
  const place = isNotFound(error) ? claims.find(principal, executionId) : undefined;
  if (place === undefined) return error;
  if (!directory.links().includes(place.link)) return errors.logExpired(executionId, 'its worker was lost');
  // It may be on its way while its stream is open; a worker knows all that it has accepted there.
  return place.attachment === undefined ? errors.logExpired(executionId) : error;
}
