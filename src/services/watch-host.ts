/** WatchHost: what there is, and then what happens, to any number of readers. */
import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { Call } from '../call.ts';
import type { Clock } from '../clock.ts';
import { errors } from '../errors.ts';
import { type WatchHostResponse, WatchHostResponseSchema } from '../gen/es/beep/python/v1/host_pb.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import type { HostFigures } from '../sessions/figures.ts';
import type { HostChange, HostChanges } from '../sessions/host-changes.ts';
import { templateChange, workerChange } from '../sessions/worker-changes.ts';

/** What watching needs. */
export interface WatchHostOptions {
  readonly changes: HostChanges;
  readonly figures: HostFigures;
  readonly directory: Pick<SessionDirectory, 'sessionsOf'>;
  readonly clock: Clock;
}

const heartbeatMs = 15_000;

// A reader that lags further than this is told so, and what it missed is not kept.
const maxWaiting = 1000;

/** Makes the method. */
export function createWatchHost({ changes, figures, directory, clock }: WatchHostOptions) {
  /** All that is there, as if it had just happened. */
  const now = async (principal: string): Promise<HostChange[]> => {
    const stats = await figures.stats();
    return [
      ...figures.workers().map(({ id, ...worker }) => workerChange({ workerId: id, ...worker })),
      ...stats.flatMap(({ workerId, stats }) => stats.templates.map((template) => templateChange(workerId, template))),
      ...directory.sessionsOf(principal),
      { kind: 'watch.begun', subject: '', message: 'this was there already; what follows happens now' },
    ];
  };
  const toMessage = ({ kind, subject, message = '', attributes = {} }: HostChange): WatchHostResponse =>
    create(WatchHostResponseSchema, {
      time: timestampFromMs(clock.now()),
      kind,
      subject,
      message,
      attributes: { ...attributes },
    });

  return async function* watchHost(_request: unknown, call: Call): AsyncGenerator<WatchHostResponse> {
    let waiting: WatchHostResponse[] = [];
    let failure: Error | undefined;
    let wake = () => {};
    const put = (change: HostChange) => {
      if (failure !== undefined) return;
      waiting.push(toMessage(change));
      if (change.kind === 'drain.started') failure = errors.draining();
      else if (waiting.length >= maxWaiting) failure = errors.watcherTooSlow(maxWaiting);
      wake();
    };
    const forget = call.onAbort((reason) => {
      failure = reason;
      wake();
    });
    // Before the state is looked at: what happens meanwhile may be told twice, and never not at all.
    const stop = changes.listen(call.principal, put);
    try {
      for (const change of await now(call.principal)) yield toMessage(change);
      for (;;) {
        const batch = waiting;
        waiting = [];
        yield* batch;
        if (waiting.length > 0) continue;
        if (failure !== undefined) throw failure;
        await new Promise<void>((resolve) => {
          const timer = clock.setTimer(heartbeatMs, () => put({ kind: 'heartbeat', subject: '' }));
          wake = () => {
            timer.cancel();
            resolve();
          };
        });
      }
    } finally {
      stop();
      forget();
    }
  };
}
