/** What other sessions cost: their memory, their number, their work. */
import { readFileSync } from 'node:fs';
import { ExecuteService } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { connectTo, connectToSession, openSession, runIn } from '../clients/gateway.ts';
import type { Measure } from '../measure.ts';
import { jupyter, startJupyter } from '../peers/jupyter.ts';
import { timed } from '../sampling.ts';

const one = 'beep-python, one more session';
const use = 'import numpy, pandas; int(pandas.Series(numpy.arange(3)).max())';

/** What one more session with numpy and pandas takes for itself. */
export const memory: Measure = {
  id: 'memory',
  title: 'Private memory of one more idle session that has used numpy and pandas',
  unit: 'MiB',
  quick: { rounds: 3, perRound: 1, warmUp: 1 },
  full: { rounds: 10, perRound: 1, warmUp: 2 },
  comparisons: [{ id: 'memory', ours: one, peers: [jupyter] }],
  async open(context) {
    const caller = context.stack.use(connectTo(context.gateway));
    const peer = startJupyter(context);
    const spec = { venv: context.peerEnvironment.folder, preload: ['numpy', 'pandas'] };
    return [
      {
        name: one,
        async sample() {
          const { id, pid } = await caller.unary(ExecuteService.method.createSession, { spec });
          const where = { case: 'sessionId', value: id } as const;
          await caller.unary(ExecuteService.method.run, { where, source: { case: 'code', value: use } });
          const mebibytes = privateMebibytes(pid);
          await caller.unary(ExecuteService.method.closeSession, { sessionId: id });
          return mebibytes;
        },
      },
      { name: jupyter, sample: () => peer.memory(use) },
    ];
  },
};

/** A short call while many sessions are open. */
export const growth: Measure = {
  id: 'growth',
  title: '`1+1` in a live session while others are open and idle',
  unit: 'ms',
  quick: { rounds: 2, perRound: 200, warmUp: 100 },
  full: { rounds: 6, perRound: 500, warmUp: 500 },
  comparisons: [],
  async open(context) {
    const { caller, sessionId } = await connectToSession(context);
    const others: string[] = [];
    const bringTo = async (count: number) => {
      while (others.length < count)
        others.push(...(await Promise.all(Array.from({ length: 9 }, () => openSession(caller)))));
      const surplus = others.splice(count);
      await Promise.all(surplus.map((id) => caller.unary(ExecuteService.method.closeSession, { sessionId: id })));
    };
    context.stack.defer(() => bringTo(0));
    return [0, 9, 99, 449].map((count) => ({
      name: `${count + 1} sessions`,
      async sample() {
        if (others.length !== count) await bringTo(count);
        return timed(() => runIn(caller, sessionId));
      },
    }));
  },
};

/** A short call while another session computes. */
export const neighbour: Measure = {
  id: 'neighbour',
  title: '`1+1` in a live session beside another that computes',
  unit: 'ms',
  quick: { rounds: 4, perRound: 100, warmUp: 100 },
  full: { rounds: 20, perRound: 200, warmUp: 500 },
  comparisons: [],
  async open(context) {
    const { caller, sessionId } = await connectToSession(context);
    const busy = await openSession(caller);
    let computing: Promise<unknown> | undefined;
    const stop = async () => {
      if (computing === undefined) return;
      await caller.unary(ExecuteService.method.interrupt, { sessionId: busy });
      await computing;
      computing = undefined;
    };
    const start = async () => {
      const where = { case: 'sessionId', value: busy } as const;
      computing ??= caller.unary(ExecuteService.method.run, {
        where,
        source: { case: 'code', value: 'while True: pass' },
      });
    };
    context.stack.defer(stop);
    return [
      {
        name: 'nothing else runs',
        async sample() {
          await stop();
          return timed(() => runIn(caller, sessionId));
        },
      },
      {
        name: 'another session computes',
        async sample() {
          await start();
          return timed(() => runIn(caller, sessionId));
        },
      },
    ];
  },
};

function privateMebibytes(pid: number): number {
  const rows = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').matchAll(/^Private_\w+:\s+(\d+) kB/gm);
  return [...rows].reduce((sum, [, kibibytes]) => sum + Number(kibibytes), 0) / 1024;
}
