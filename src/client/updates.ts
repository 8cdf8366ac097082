/** Long work of the gateway: what it says of itself meanwhile, and what came of it. */
import type { Progress as ProgressMessage } from '../gen/es/beep/python/v1/host_pb.ts';
import { BeepError, toBeepError } from './beep-error.ts';

/** How far long work is. */
export interface WorkProgress {
  /** "resolve", "download" ... */
  readonly phase: string;
  readonly item: string;
  readonly done: number;
  /** 0: not known. */
  readonly total: number;
  /** "bytes", "packages". */
  readonly unit: string;
  readonly message: string;
}

type Update<Result> =
  | { readonly case: 'progress'; readonly value: ProgressMessage }
  | { readonly case: 'result' | 'runtime'; readonly value: Result }
  | { readonly case: undefined; readonly value?: undefined };

/** What a stream of updates ends with. */
type ResultOf<U> = Exclude<U, { case: 'progress' } | { case: undefined }> extends { value: infer R } ? R : never;

/** Reads the updates of one piece of work to its end. */
export async function resultOfWork<U extends Update<unknown>>(
  updates: AsyncIterable<{ readonly update: U }>,
  onProgress: (progress: WorkProgress) => void,
): Promise<ResultOf<U>> {
  let result: ResultOf<U> | undefined;
  try {
    for await (const { update } of updates) {
      if (update.case === 'progress') {
        const { phase, item, done, total, unit, message } = update.value;
        onProgress({ phase, item, done: Number(done), total: Number(total), unit, message });
      } else if (update.case !== undefined) {
        result = update.value as ResultOf<U>;
      }
    }
  } catch (error) {
    throw toBeepError(error);
  }
  if (result === undefined) throw new BeepError('CONNECTION_LOST', 'the work ended without a result; look with list');
  return result;
}

/** One call, with what it refuses as an error of ours. */
export async function answer<Answer>(call: Promise<Answer>): Promise<Answer> {
  return await call.catch((error) => {
    throw toBeepError(error);
  });
}
