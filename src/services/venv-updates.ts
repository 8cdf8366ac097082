/** A change of an environment as the stream of its updates: progress while it runs, the result last. */
import { create } from '@bufbuild/protobuf';
import type { Call } from '../call.ts';
import { type Venv, type VenvUpdate, VenvUpdateSchema } from '../gen/es/beep/python/v1/venv_pb.ts';
import type { Changed } from '../venvs/changes/change.ts';
import type { ChangeProgress, Waiter } from '../venvs/changes/changes.ts';
import { durationOf } from './locate.ts';

// What a caller who reads slowly has not taken: the newest say how far it is.
const maxWaiting = 256;

/** Does a change for a caller; when the caller goes, its wait ends, and the change with its last waiter. */
export async function* updatesOf(
  call: Call,
  change: (waiter: Waiter) => Promise<Changed>,
  describe: (changed: Changed) => Promise<Venv>,
): AsyncGenerator<VenvUpdate> {
  let waiting: ChangeProgress[] = [];
  let wake = () => {};
  let hasGone: ((reason: Error) => void) | undefined;
  const waiter: Waiter = {
    onProgress(progress) {
      if (waiting.length >= maxWaiting) waiting.shift();
      waiting.push(progress);
      wake();
    },
    onAbort(listener) {
      hasGone = listener;
      return call.onAbort(listener);
    },
  };
  let changed: Changed | undefined;
  let failure: unknown;
  let isDone = false;
  const running = change(waiter)
    .then((result) => (changed = result))
    .catch((error: unknown) => (failure = error))
    .finally(() => {
      isDone = true;
      wake();
    });
  try {
    for (;;) {
      const told = waiting;
      waiting = [];
      for (const progress of told) yield progressMessage(progress);
      if (waiting.length > 0) continue;
      if (isDone) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    // A transport that stops reading has lost its caller.
    if (!isDone) hasGone?.(call.signal.reason ?? new Error('the caller has gone'));
    await running;
  }
  if (changed === undefined) throw failure;
  yield resultMessage(changed, await describe(changed));
}

function progressMessage({ phase, item = '', done = 0, total = 0, unit, message }: ChangeProgress): VenvUpdate {
  const value = { phase, item, done: BigInt(done), total: BigInt(total), unit: unit ?? '', message };
  return create(VenvUpdateSchema, { update: { case: 'progress', value } });
}

function resultMessage({ isUnchanged, changes, tookMs }: Changed, venv: Venv): VenvUpdate {
  const value = { venv, unchanged: isUnchanged, changes: [...changes], took: durationOf(tookMs) };
  return create(VenvUpdateSchema, { update: { case: 'result', value } });
}
