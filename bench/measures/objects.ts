/** Live objects from outside: calls, many at once, batches, iterators. */
import { connectTo, connectToSession, openSession } from '../clients/gateway.ts';
import { apply, callMethod, converse, hold } from '../clients/objects.ts';
import type { Measure } from '../measure.ts';
import { handWritten, startHandWritten } from '../peers/hand-written.ts';
import { pythonia, startPythonia } from '../peers/pythonia.ts';
import { rpyc, startRpyc } from '../peers/rpyc.ts';
import { timed } from '../sampling.ts';
import { callsPerSecond } from './throughput.ts';

const counter =
  'type("Counter", (), {"count": 0, "add": lambda self, n: setattr(self, "count", self.count + n) or self.count})()';
const chain = 'type("Chain", (), {"next": lambda self, n: self})()';
const rows = 1000;

const onStream = 'beep-python, `Converse`';
const oneSession = 'beep-python, `Converse`, one session';
const inOneBatch = 'beep-python, five operations in a batch';
const fiveCalls = 'beep-python, five calls';

/** See above. */
export const objectCall: Measure = {
  id: 'object-call',
  title: 'A call of a method of a live object, one after the other',
  unit: 'ms',
  quick: { rounds: 8, perRound: 100, warmUp: 500 },
  full: { rounds: 30, perRound: 300, warmUp: 3000 },
  comparisons: [{ id: 'object-call', ours: onStream, peers: Object.values(handWritten) }],
  async open(context) {
    const { caller, sessionId } = await connectToSession(context);
    const stream = context.stack.use(converse(caller));
    const [streamed, single] = [await hold(caller, sessionId, counter), await hold(caller, sessionId, counter)];
    const threads = await startHandWritten('threads', context);
    const aio = await startHandWritten('aio', context);
    const peer = startRpyc(context);
    const bridge = startPythonia(context);
    let [first, second] = [0n, 0n];
    return [
      {
        name: onStream,
        sample: () =>
          timed(async () => checkCount(await stream.apply(sessionId, [callMethod(streamed, 'add', 1n)]), ++first)),
      },
      {
        name: 'beep-python, `Apply`',
        sample: () =>
          timed(async () => checkCount(await apply(caller, sessionId, [callMethod(single, 'add', 1n)]), ++second)),
      },
      { name: handWritten.threads, sample: () => timed(threads.evaluate) },
      { name: handWritten.aio, sample: () => timed(aio.evaluate) },
      { name: rpyc, sample: () => peer.call() },
      { name: pythonia, sample: () => bridge.call() },
    ];
  },
};

/** See above. */
export const objectThroughput: Measure = {
  id: 'object-throughput',
  title: 'Calls of a method of a live object, 32 in flight',
  unit: 'calls/s',
  quick: { rounds: 6, perRound: 1, warmUp: 1 },
  full: { rounds: 30, perRound: 1, warmUp: 3 },
  comparisons: [{ id: 'object-throughput', ours: oneSession, peers: Object.values(handWritten) }],
  async open(context) {
    const caller = context.stack.use(connectTo(context.gateway));
    const stream = context.stack.use(converse(caller));
    const sessions = await Promise.all(Array.from({ length: 8 }, () => openSession(caller)));
    const held = await Promise.all(sessions.map((sessionId) => hold(caller, sessionId, counter)));
    const threads = await startHandWritten('threads', context);
    const aio = await startHandWritten('aio', context);
    const peer = startRpyc(context);
    const bridge = startPythonia(context);
    const call = async (n: number) => {
      const { results } = await stream.apply(sessions[n] as string, [callMethod(held[n] as string, 'add', 1n)]);
      if (results[0]?.value?.kind.case !== 'integer') throw new Error('a call gave no number');
    };
    return [
      { name: oneSession, sample: () => callsPerSecond(() => call(0)) },
      { name: 'beep-python, `Converse`, eight sessions', sample: () => callsPerSecond((lane) => call(lane % 8)) },
      { name: handWritten.threads, sample: () => callsPerSecond(threads.evaluate) },
      { name: handWritten.aio, sample: () => callsPerSecond(aio.evaluate) },
      { name: rpyc, sample: () => peer.throughput(700) },
      { name: pythonia, sample: () => bridge.throughput(700) },
    ];
  },
};

/** See above. */
export const objectBatch: Measure = {
  id: 'object-batch',
  title: 'Five operations that depend on each other, by `Apply`',
  unit: 'ms',
  quick: { rounds: 8, perRound: 40, warmUp: 100 },
  full: { rounds: 20, perRound: 100, warmUp: 500 },
  comparisons: [{ id: 'object-batch', ours: inOneBatch, peers: [fiveCalls] }],
  async open(context) {
    const { caller, sessionId } = await connectToSession(context);
    const start = await hold(caller, sessionId, chain);
    const batch = [start, 0, 1, 2, 3].map((target) => callMethod(target, 'next', 1n));
    // What the last one left goes with the next: a session holds only so many.
    let left: string[] = [];
    return [
      {
        name: inOneBatch,
        sample: () =>
          timed(async () => {
            left = [handleOf((await apply(caller, sessionId, batch, left)).results[4]?.handle?.id)];
          }),
      },
      {
        name: fiveCalls,
        sample: () =>
          timed(async () => {
            const made: string[] = [];
            for (let i = 0; i < 5; i++) {
              const { results } = await apply(caller, sessionId, [callMethod(made.at(-1) ?? start, 'next', 1n)], left);
              made.push(handleOf(results[0]?.handle?.id));
              left = [];
            }
            left = made;
          }),
      },
    ];
  },
};

/** See above. */
export const objectItems: Measure = {
  id: 'object-items',
  title: `${rows} rows read from an iterator`,
  unit: 'ms',
  quick: { rounds: 6, perRound: 2, warmUp: 2 },
  full: { rounds: 20, perRound: 5, warmUp: 5 },
  comparisons: [{ id: 'object-items', ours: onStream, peers: [rpyc, pythonia] }],
  async open(context) {
    const { caller, sessionId } = await connectToSession(context);
    const stream = context.stack.use(converse(caller));
    const peer = startRpyc(context);
    const bridge = startPythonia(context);
    return [
      {
        name: onStream,
        async sample() {
          const handle = await hold(caller, sessionId, `([i, str(i), i / 2] for i in range(${rows}))`);
          return timed(async () => {
            let seen = 0;
            for (let isOver = false; !isOver; ) {
              const { results } = await stream.apply(sessionId, [
                {
                  target: { kind: { case: 'handleId', value: handle } },
                  action: { case: 'nextItems', value: { maxItems: 2 * rows } },
                },
              ]);
              const items = results[0]?.items;
              for (const row of JSON.parse(items?.json ?? '[]') as [number][]) seen += row[0];
              isOver = items?.exhausted !== false;
            }
            if (seen !== (rows * (rows - 1)) / 2) throw new Error(`the rows give ${seen}`);
          });
        },
      },
      { name: rpyc, sample: () => peer.items(rows) },
      { name: pythonia, sample: () => bridge.items(rows) },
    ];
  },
};

function checkCount({ results }: Awaited<ReturnType<typeof apply>>, expected: bigint): void {
  const { kind } = results[0]?.value ?? {};
  if (kind?.value !== expected) throw new Error(`a call gave ${kind?.value} and not ${expected}`);
}

function handleOf(id: string | undefined): string {
  if (id === undefined) throw new Error('a call gave no handle');
  return id;
}
