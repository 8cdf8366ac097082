/** What the gateway adds to its worker, and what a proxy adds to the hand-written service. */
import { connectToSession, runIn } from '../clients/gateway.ts';
import { openInProcess } from '../in-process.ts';
import type { Context, Measure } from '../measure.ts';
import { evaluateAt, handWritten, startHandWritten } from '../peers/hand-written.ts';
import { findNginx, startNginx } from '../peers/nginx.ts';
import { type Contender, timed } from '../sampling.ts';
import { workerLink } from './ladder.ts';
import { byRun } from './live-call.ts';
import { callsPerSecond } from './throughput.ts';

const direct = handWritten.aio;
const behind = `${handWritten.aio}, behind nginx`;
const beyond = { ours: workerLink, peer: direct };

const lacks = () => (findNginx() === undefined ? 'there is no nginx (Debian: nginx-light)' : undefined);

/** Time. */
export const inFront: Measure = {
  id: 'in-front',
  title: 'A call, and the same call with the gateway or a proxy in front of who answers it',
  unit: 'ms',
  quick: { rounds: 8, perRound: 100, warmUp: 600 },
  full: { rounds: 20, perRound: 200, warmUp: 2000 },
  comparisons: [{ id: 'in-front', ours: byRun, peers: [behind], beyond }],
  lacks,
  open: (context) => open(context, timed),
};

/** Rate. */
export const inFrontThroughput: Measure = {
  id: 'in-front-throughput',
  title: 'Calls with 32 in flight, and the same with the gateway or a proxy in front',
  unit: 'calls/s',
  quick: { rounds: 6, perRound: 1, warmUp: 1 },
  full: { rounds: 30, perRound: 1, warmUp: 3 },
  comparisons: [{ id: 'in-front-throughput', ours: byRun, peers: [behind], beyond }],
  lacks,
  open: (context) => open(context, callsPerSecond),
};

async function open(context: Context, taken: (call: () => Promise<void>) => Promise<number>): Promise<Contender[]> {
  const inside = await openInProcess(context);
  const { caller, sessionId } = await connectToSession(context);
  const service = await startHandWritten('aio', context);
  const proxied = await evaluateAt(await startNginx(service.port, context), context);
  const calls: readonly (readonly [string, () => Promise<void>])[] = [
    [workerLink, inside.link],
    [byRun, () => runIn(caller, sessionId)],
    [direct, service.evaluate],
    [behind, proxied],
  ];
  return calls.map(([name, call]) => ({ name, sample: () => taken(call) }));
}
