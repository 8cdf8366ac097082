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

/** An id that was used and that no worker knows any more belongs to a worker that was lost. */
export function explainMissing(error: unknown, claims: Claims, principal: string, executionId: string): unknown {
  return isNotFound(error) && claims.has(principal, executionId)
    ? errors.logExpired(executionId, 'its worker was lost')
    : error;
}
