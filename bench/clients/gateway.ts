/** What measures do with a gateway over native gRPC. */
import { ExecuteService, type ExecutionResult, Outcome } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import type { RunningGateway } from '../gateway.ts';
import type { Context } from '../measure.ts';
import { createGrpcCaller, type GrpcCaller } from './grpc.ts';

/** The code that most measures run. */
export const code = '1+1';

/** A client with the gateway's token. */
export function connectTo(gateway: RunningGateway): GrpcCaller {
  return createGrpcCaller(gateway.rpcAddress, { authorization: gateway.authorization });
}

/** A client and a session of a measure's own. */
export async function connectToSession({
  gateway,
  stack,
}: Context): Promise<{ caller: GrpcCaller; sessionId: string }> {
  const caller = stack.use(connectTo(gateway));
  return { caller, sessionId: await openSession(caller) };
}

/** Opens a session in the default environment; its id. */
export async function openSession(caller: GrpcCaller): Promise<string> {
  return (await caller.unary(ExecuteService.method.createSession, {})).id;
}

/** Runs `1+1` in a session. */
export async function runIn(caller: GrpcCaller, sessionId: string): Promise<void> {
  const source = { case: 'code', value: code } as const;
  const where = { case: 'sessionId', value: sessionId } as const;
  checkTwo(await caller.unary(ExecuteService.method.run, { where, source }));
}

/** Throws unless an execution of `1+1` gave 2. */
export function checkTwo(result: ExecutionResult): void {
  if (result.finished?.outcome === Outcome.OK && result.value?.kind.value === 2n) return;
  throw new Error(`1+1 gave ${result.text || JSON.stringify(result.error ?? result.finished?.message)}`);
}
