/** How soon code that is stopped has stopped, and a session that was killed is there again. */
import { ExecuteService, Outcome, OutputStream } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { connectTo, connectToSession, openSession, runIn } from '../clients/gateway.ts';
import type { GrpcCaller } from '../clients/grpc.ts';
import type { Measure } from '../measure.ts';
import { jupyter, startJupyter } from '../peers/jupyter.ts';
import { timed } from '../sampling.ts';

const interrupted = 'beep-python, `Interrupt` of an endless loop, until it has settled';
const noticed = 'beep-python, a session killed, until its execution has ended';
const replaced = 'beep-python, a session killed, until another has answered in its place';
const burst = 'beep-python, 100 sessions at once, each opened and run once';

/** An endless loop. */
export const interrupt: Measure = {
  id: 'interrupt',
  title: 'An endless loop interrupted',
  unit: 'ms',
  quick: { rounds: 4, perRound: 10, warmUp: 10 },
  full: { rounds: 10, perRound: 25, warmUp: 20 },
  comparisons: [],
  async open(context) {
    const { caller, sessionId } = await connectToSession(context);
    const peer = startJupyter(context);
    return [
      { name: interrupted, sample: () => interruptOf(caller, sessionId) },
      { name: jupyter, sample: peer.interrupt },
    ];
  },
};

/** A session that dies. */
export const replacement: Measure = {
  id: 'replacement',
  title: 'A session killed with SIGKILL',
  unit: 'ms',
  quick: { rounds: 3, perRound: 2, warmUp: 1 },
  full: { rounds: 10, perRound: 3, warmUp: 2 },
  comparisons: [],
  async open(context) {
    const { caller, sessionId } = await connectToSession(context);
    const peer = startJupyter(context);
    return [
      { name: noticed, sample: async () => (await killIn(caller, sessionId)).noticedMs },
      { name: replaced, sample: async () => (await killIn(caller, sessionId)).replacedMs },
      { name: jupyter, sample: peer.replace },
    ];
  },
};

/** Many sessions at once. */
export const sessionBurst: Measure = {
  id: 'session-burst',
  title: 'A burst of sessions',
  unit: 'ms',
  quick: { rounds: 3, perRound: 1, warmUp: 1 },
  full: { rounds: 10, perRound: 1, warmUp: 1 },
  comparisons: [],
  async open(context) {
    const caller = context.stack.use(connectTo(context.gateway));
    return [{ name: burst, sample: () => burstOf(caller, 100) }];
  },
};

async function interruptOf(caller: GrpcCaller, sessionId: string): Promise<number> {
  let tookMs: Promise<number> | undefined;
  await run(caller, sessionId, "print('on', flush=True)\nwhile True: pass", Outcome.INTERRUPTED, () => {
    tookMs ??= timed(() => caller.unary(ExecuteService.method.interrupt, { sessionId }));
  });
  return (await tookMs) as number;
}

async function killIn(caller: GrpcCaller, sessionId: string): Promise<{ noticedMs: number; replacedMs: number }> {
  const { pid } = await caller.unary(ExecuteService.method.getSession, { sessionId });
  let killedAt = 0;
  await run(caller, sessionId, "print('on', flush=True)\nwhile True: pass", Outcome.KILLED, () => {
    killedAt ||= performance.now();
    process.kill(pid, 'SIGKILL');
  });
  const noticedMs = performance.now() - killedAt;
  await runIn(caller, sessionId);
  return { noticedMs, replacedMs: performance.now() - killedAt };
}

/** Runs code to an outcome; calls back at its first output. */
async function run(caller: GrpcCaller, sessionId: string, code: string, wanted: Outcome, onOutput: () => void) {
  const events = caller.serverStream(ExecuteService.method.execute, {
    where: { case: 'sessionId', value: sessionId },
    source: { case: 'code', value: code },
  });
  for await (const { body } of events) {
    if (body.case === 'output' && body.value.stream === OutputStream.STDOUT) onOutput();
    if (body.case === 'finished' && body.value.outcome !== wanted) {
      throw new Error(`outcome ${body.value.outcome} instead of ${wanted}: ${body.value.message}`);
    }
  }
}

async function burstOf(caller: GrpcCaller, count: number): Promise<number> {
  const sessions: string[] = [];
  const tookMs = await timed(() =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const sessionId = await openSession(caller);
        sessions.push(sessionId);
        await runIn(caller, sessionId);
      }),
    ),
  );
  await Promise.all(sessions.map((sessionId) => caller.unary(ExecuteService.method.closeSession, { sessionId })));
  return tookMs;
}
