/** The same call at every height of the gateway, so that one sees what each part adds. */

import { Health, HealthCheckResponse_ServingStatus } from '../../src/gen/es/grpc/health/v1/health_pb.ts';
import { connectCall } from '../clients/connect.ts';
import { connectToSession, runIn } from '../clients/gateway.ts';
import type { GrpcCaller } from '../clients/grpc.ts';
import { plainCall } from '../clients/plain.ts';
import { openInProcess } from '../in-process.ts';
import type { Measure } from '../measure.ts';
import { timed } from '../sampling.ts';

/** As the lowest rung is called in tables. */
export const workerLink = 'worker link, in process';

/** See above. */
export const ladder: Measure = {
  id: 'ladder',
  title: 'The ladder: `1+1` in a live session, from the worker up',
  unit: 'ms',
  quick: { rounds: 6, perRound: 100, warmUp: 600 },
  full: { rounds: 20, perRound: 200, warmUp: 2000 },
  comparisons: [],
  async open(context) {
    const inside = await openInProcess(context);
    const { caller, sessionId } = await connectToSession(context);
    const rungs: readonly (readonly [string, () => Promise<void>])[] = [
      [workerLink, inside.link],
      ['service, in process', inside.service],
      ['gRPC port, nothing behind it (`Health/Check`)', () => checkHealth(caller)],
      ['gRPC port', () => runIn(caller, sessionId)],
      ['HTTP port, gRPC', connectCall(context, sessionId, 'grpc')],
      ['HTTP port, Connect', connectCall(context, sessionId, 'connect')],
      ['HTTP port, Connect JSON', connectCall(context, sessionId, 'connect-json')],
      ['HTTP port, `POST /execute`', plainCall(context, sessionId)],
    ];
    return rungs.map(([name, call]) => ({ name, sample: () => timed(call) }));
  },
};

async function checkHealth(caller: GrpcCaller): Promise<void> {
  const { status } = await caller.unary(Health.method.check, {});
  if (status !== HealthCheckResponse_ServingStatus.SERVING) throw new Error(`the gateway is not serving: ${status}`);
}
