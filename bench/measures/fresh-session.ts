/** A new session for one execution: from the call to the result. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { ExecuteService, type SessionSpecSchema } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { checkTwo, code, connectTo } from '../clients/gateway.ts';
import type { GrpcCaller } from '../clients/grpc.ts';
import type { Measure } from '../measure.ts';
import { forkedPool, startForkedPool } from '../peers/forked-pool.ts';
import { pythonC, pythonOnce } from '../peers/python-c.ts';
import { timed } from '../sampling.ts';

const ours = 'beep-python, `Run` with `fresh`';

/** See above. */
export const freshSession: Measure = {
  id: 'fresh-session',
  title: 'A fresh session, to its first result (`1+1`)',
  unit: 'ms',
  quick: { rounds: 6, perRound: 15, warmUp: 200 },
  full: { rounds: 20, perRound: 30, warmUp: 600 },
  comparisons: [{ id: 'fresh-session', ours, peers: [pythonC] }],
  async open(context) {
    const caller = context.stack.use(connectTo(context.gateway));
    const fork = startForkedPool(context);
    return [
      {
        name: ours,
        sample: () => timed(() => runFresh(caller, {}, code)),
      },
      { name: pythonC, sample: () => pythonOnce(context.interpreter.path) },
      { name: forkedPool, sample: () => timed(fork) },
    ];
  },
};

/** Runs code that gives 2 in a session of its own. */
export async function runFresh(
  caller: GrpcCaller,
  spec: MessageInitShape<typeof SessionSpecSchema>,
  code: string,
): Promise<void> {
  const where = { case: 'fresh', value: spec } as const;
  const source = { case: 'code', value: code } as const;
  checkTwo(await caller.unary(ExecuteService.method.run, { where, source }));
}
