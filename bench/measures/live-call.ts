/** One call after the other into a session that lives. */
import { connectToSession, runIn } from '../clients/gateway.ts';
import { converse, evaluate } from '../clients/objects.ts';
import type { Measure } from '../measure.ts';
import { handWritten, startHandWritten } from '../peers/hand-written.ts';
import { timed } from '../sampling.ts';

/** As the two ways are called in tables. */
export const byRun = 'beep-python, `Run` in a live session';
export const onStream = 'beep-python, `Converse`: `evaluate`';
const peers = Object.values(handWritten);

/** See above. */
export const liveCall: Measure = {
  id: 'live-call',
  title: '`1+1` in a live session, one call after the other',
  unit: 'ms',
  quick: { rounds: 10, perRound: 150, warmUp: 1500 },
  full: { rounds: 30, perRound: 300, warmUp: 3000 },
  comparisons: [
    { id: 'live-call', ours: byRun, peers },
    { id: 'live-call-stream', ours: onStream, peers },
  ],
  async open(context) {
    const { caller, sessionId } = await connectToSession(context);
    const stream = context.stack.use(converse(caller));
    const threads = await startHandWritten('threads', context);
    const aio = await startHandWritten('aio', context);
    return [
      { name: byRun, sample: () => timed(() => runIn(caller, sessionId)) },
      { name: onStream, sample: () => timed(() => evaluate(stream, sessionId)) },
      { name: handWritten.threads, sample: () => timed(threads.evaluate) },
      { name: handWritten.aio, sample: () => timed(aio.evaluate) },
    ];
  },
};
