/** WatchHost's own part: order, heartbeats, readers that lag, readers that leave. */
import { expect, test } from 'vitest';
import type { Call } from '../../src/call.ts';
import type { Clock } from '../../src/clock.ts';
import { createWatchHost } from '../../src/services/watch-host.ts';
import { createHostChanges, type HostChanges } from '../../src/sessions/host-changes.ts';

const worker = { id: 'w1', pid: 7, state: 'ready', startedAt: undefined, restarts: 0, lastError: '' } as const;

/** A watch of one caller, and the time in hand. */
function watch({ onStats = () => {} }: { onStats?: (changes: HostChanges) => void } = {}) {
  const changes = createHostChanges();
  let listening = 0;
  const counted: HostChanges = {
    emit: changes.emit,
    listen(principal, listener) {
      const stop = changes.listen(principal, listener);
      listening++;
      return () => {
        listening--;
        stop();
      };
    },
  };
  const timers = new Set<() => void>();
  let onArmed = () => {};
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    setTimer(delayMs, callback) {
      expect(delayMs).toBe(15_000);
      timers.add(callback);
      onArmed();
      return { cancel: () => void timers.delete(callback) };
    },
  };
  const watchHost = createWatchHost({
    changes: counted,
    figures: {
      workers: () => [worker],
      mechanisms: () => [],
      async stats() {
        onStats(changes);
        return [];
      },
    },
    directory: { sessionsOf: (principal) => [{ kind: 'session.opened', subject: `of ${principal}`, principal }] },
    clock,
  });
  let depart = (_: Error) => {};
  const call = {
    principal: 'ann',
    onAbort(listener: (reason: Error) => void) {
      depart = listener;
      return () => {};
    },
  } as unknown as Call;
  const stream = watchHost({}, call);
  const kinds = async (count: number) => {
    const found: string[] = [];
    while (found.length < count) found.push((await stream.next()).value.kind);
    return found;
  };
  return {
    changes,
    stream,
    kinds,
    begun: () => kinds(3),
    depart: (reason: Error) => depart(reason),
    /** It waits for something to happen. */
    armed: () =>
      new Promise<void>((resolve) => {
        onArmed = resolve;
      }),
    tick: () => timers.forEach((fire) => void fire()),
    get waitingTimers() {
      return timers.size;
    },
    get listening() {
      return listening;
    },
  };
}

test('what there is comes first, and what happens meanwhile after it', async () => {
  const { kinds } = watch({ onStats: (changes) => changes.emit({ kind: 'worker.lost', subject: 'w1' }) });
  expect(await kinds(4)).toEqual(['worker.ready', 'session.opened', 'watch.begun', 'worker.lost']);
});

test('changes come in their order, and only those that concern the caller', async () => {
  const { begun, changes, kinds } = watch();
  await begun();
  changes.emit({ kind: 'session.opened', subject: 'a', principal: 'bob' });
  for (const kind of ['one', 'two', 'three']) changes.emit({ kind, subject: '', principal: 'ann' });
  changes.emit({ kind: 'four', subject: '' });
  expect(await kinds(4)).toEqual(['one', 'two', 'three', 'four']);
});

test('a heartbeat comes where nothing happens, and its timer goes when something does', async () => {
  const watching = watch();
  await watching.begun();
  for (const _ of [1, 2]) {
    const armed = watching.armed();
    const next = watching.kinds(1);
    await armed;
    watching.tick();
    expect(await next).toEqual(['heartbeat']);
  }
  const armed = watching.armed();
  const next = watching.kinds(1);
  await armed;
  watching.changes.emit({ kind: 'one', subject: '' });
  expect(await next).toEqual(['one']);
  expect(watching.waitingTimers).toBe(0);
});

test('a reader that lags by 1,000 events gets those, and is told', async () => {
  const { begun, changes, kinds, stream } = watch();
  await begun();
  for (let i = 0; i < 5000; i++) changes.emit({ kind: 'k', subject: '' });
  expect(await kinds(1000)).toHaveLength(1000);
  await expect(stream.next()).rejects.toMatchObject({ reason: 'READER_TOO_SLOW' });
});

test('a gateway that shuts down says so, and then refuses', async () => {
  const { begun, changes, kinds, stream } = watch();
  await begun();
  changes.emit({ kind: 'drain.started', subject: 'gateway' });
  expect(await kinds(1)).toEqual(['drain.started']);
  await expect(stream.next()).rejects.toMatchObject({ reason: 'DRAINING' });
});

test('whoever leaves, waiting or not, is listened to no more', async () => {
  const waiting = watch();
  await waiting.begun();
  const armed = waiting.armed();
  const next = waiting.stream.next();
  await armed;
  expect(waiting.listening).toBe(1);
  waiting.depart(new Error('gone'));
  await expect(next).rejects.toThrow('gone');
  expect(waiting.listening).toBe(0);
  expect(waiting.waitingTimers).toBe(0);

  const reading = watch();
  await reading.kinds(1);
  await reading.stream.return(undefined);
  expect(reading.listening).toBe(0);
});
