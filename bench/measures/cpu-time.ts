/** Which process spends how much CPU time on a call: where the time goes, told by what a busy machine changes least. */
import { ExecuteService } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { connectToSession, runIn } from '../clients/gateway.ts';
import { cpuTimeUs, parentOf } from '../cpu-time.ts';
import type { Measure } from '../measure.ts';
import { handWritten, startHandWritten } from '../peers/hand-written.ts';

const callsPerSample = 200;

/** See above. */
export const cpuTime: Measure = {
  id: 'cpu-time',
  title: 'CPU time of a call (`1+1` in a live session, one after the other), by process',
  unit: 'us',
  quick: { rounds: 6, perRound: 1, warmUp: 1 },
  full: { rounds: 20, perRound: 1, warmUp: 3 },
  comparisons: [],
  async open(context) {
    const { caller, sessionId } = await connectToSession(context);
    const { pid: session } = await caller.unary(ExecuteService.method.getSession, { sessionId });
    const template = parentOf(session);
    const peer = await startHandWritten('threads', context);
    const ours = () => runIn(caller, sessionId);
    const rows: readonly (readonly [string, number, () => Promise<void>])[] = [
      ['client of beep-python', process.pid, ours],
      ['gateway', context.gateway.pid, ours],
      ['worker', parentOf(template), ours],
      ['session', session, ours],
      [`client of ${handWritten.threads}`, process.pid, peer.evaluate],
      [handWritten.threads, peer.pid, peer.evaluate],
    ];
    return rows.map(([name, pid, call]) => ({ name, sample: () => cpuTimeOf(pid, call) }));
  },
};

async function cpuTimeOf(pid: number, call: () => Promise<void>): Promise<number> {
  const before = cpuTimeUs(pid);
  for (let i = 0; i < callsPerSample; i++) await call();
  return (cpuTimeUs(pid) - before) / callsPerSample;
}
