/** Executions by their id alone: which worker has one is asked, not remembered. */
import { BeepError, errors } from '../errors.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import type { WorkerLink } from '../workers/link.ts';
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
      else if (!(error instanceof BeepError && error.reason === 'EXECUTION_NOT_FOUND')) throw error;
    }
  }
  throw refusal;
}
