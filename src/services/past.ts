/** Executions by their id alone: which worker has one is asked, not remembered. */
import { BeepError, errors } from '../errors.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import type { WorkerLink } from '../workers/link.ts';

/** Asks one worker after the other until one knows the execution. Throws EXECUTION_NOT_FOUND. */
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
      if (!(error instanceof BeepError) || error.reason !== 'EXECUTION_NOT_FOUND') throw error;
      refusal = error;
    }
  }
  throw refusal;
}
