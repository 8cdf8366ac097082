/** How soon the client has what the code has written, while the code goes on. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExecuteService, Outcome, OutputStream } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { connectToSession } from '../clients/gateway.ts';
import type { GrpcCaller } from '../clients/grpc.ts';
import type { Measure } from '../measure.ts';
import { handWritten, startHandWritten } from '../peers/hand-written.ts';
import { timed } from '../sampling.ts';

const ours = 'beep-python, `Execute`: first byte of output';

// Long enough that the byte is there before the end, short enough that processes sleep no longer than between the
// peer's calls: both sides are called at the same pace.
const code = "import time\nprint('x')\ntime.sleep(0.002)";

/** See above. */
export const firstByte: Measure = {
  id: 'first-byte',
  title: 'First byte of output at the client, against a whole call of the peer',
  unit: 'ms',
  quick: { rounds: 6, perRound: 15, warmUp: 20 },
  full: { rounds: 20, perRound: 25, warmUp: 50 },
  comparisons: [{ id: 'first-byte', ours, peers: Object.values(handWritten) }],
  async open(context) {
    const { caller, sessionId } = await connectToSession(context);
    const threads = await startHandWritten('threads', context);
    const aio = await startHandWritten('aio', context);
    return [
      { name: ours, sample: () => firstByteOf(caller, sessionId, code) },
      { name: handWritten.threads, sample: () => timed(threads.evaluate) },
      { name: handWritten.aio, sample: () => timed(aio.evaluate) },
      // For orientation: what the peer's call takes when it, too, comes to processes that have slept in between.
      {
        name: `${handWritten.threads}, a call every 50 ms`,
        sample: async () => {
          await sleep(50);
          return await timed(threads.evaluate);
        },
      },
    ];
  },
};

/** Milliseconds until the first byte is there; the execution has ended when this resolves. */
export async function firstByteOf(caller: GrpcCaller, sessionId: string, code: string): Promise<number> {
  const startedAt = performance.now();
  let tookMs: number | undefined;
  const events = caller.serverStream(ExecuteService.method.execute, {
    where: { case: 'sessionId', value: sessionId },
    source: { case: 'code', value: code },
  });
  const ended = once(events, 'end');
  let outcome: Outcome | undefined;
  events.on('data', ({ body }) => {
    if (body.case === 'output' && body.value.stream === OutputStream.STDOUT && body.value.data[0] === 0x78) {
      tookMs ??= performance.now() - startedAt;
    }
    if (body.case === 'finished') outcome = body.value.outcome;
  });
  await ended;
  if (tookMs === undefined || outcome !== Outcome.OK)
    throw new Error(`print('x') printed nothing (outcome ${outcome})`);
  return tookMs;
}
