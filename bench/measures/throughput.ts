/** Many calls in flight on one channel: how many are answered in a second. */
import { connectTo, openSession, runIn } from '../clients/gateway.ts';
import type { Measure } from '../measure.ts';
import { handWritten, startHandWritten } from '../peers/hand-written.ts';

const inFlight = 32;
const windowMs = 700;
const ours = 'beep-python, one session';

/** See above. */
export const throughput: Measure = {
  id: 'throughput',
  title: `\`1+1\` with ${inFlight} calls in flight on one channel`,
  unit: 'calls/s',
  quick: { rounds: 6, perRound: 1, warmUp: 1 },
  full: { rounds: 30, perRound: 1, warmUp: 3 },
  comparisons: [{ id: 'throughput', ours, peers: Object.values(handWritten) }],
  async open(context) {
    const caller = context.stack.use(connectTo(context.gateway));
    const sessions = await Promise.all(Array.from({ length: 8 }, () => openSession(caller)));
    const threads = await startHandWritten('threads', context);
    const aio = await startHandWritten('aio', context);
    return [
      { name: ours, sample: () => callsPerSecond(() => runIn(caller, sessions[0] as string)) },
      {
        name: 'beep-python, eight sessions',
        sample: () => callsPerSecond((lane) => runIn(caller, sessions[lane % sessions.length] as string)),
      },
      { name: handWritten.threads, sample: () => callsPerSecond(threads.evaluate) },
      { name: handWritten.aio, sample: () => callsPerSecond(aio.evaluate) },
    ];
  },
};

/** Calls in a second, kept up for a while. */
export async function callsPerSecond(call: (lane: number) => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  const endAt = startedAt + windowMs;
  let calls = 0;
  const run = async (lane: number) => {
    while (performance.now() < endAt) {
      await call(lane);
      calls++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, lane) => run(lane)));
  return (calls / (performance.now() - startedAt)) * 1000;
}
