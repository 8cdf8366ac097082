/** How soon a session tells what is in it while its code does all that it can. */
import { ExecuteService, OutputStream } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { connectToSession } from '../clients/gateway.ts';
import type { GrpcCaller } from '../clients/grpc.ts';
import type { Context, Measure } from '../measure.ts';
import { type Contender, timed } from '../sampling.ts';

const { complete, inspect, listVariables, dumpStacks, execute, run, interrupt } = ExecuteService.method;

const imports = 'import json, os\nsettings = {"host": "h"}';

/** Beside a loop that never pauses. */
export const lookingIn: Measure = {
  id: 'looking-in',
  title: 'Looking into a session whose code is `while True: pass`',
  unit: 'ms',
  quick: { rounds: 4, perRound: 25, warmUp: 10 },
  full: { rounds: 10, perRound: 100, warmUp: 20 },
  comparisons: [],
  open: (context) => openBeside(context, 'while True: pass'),
};

/** Beside output at full rate. */
export const lookingInOutput: Measure = {
  id: 'looking-in-output',
  title: 'Looking into a session that writes without pause',
  unit: 'ms',
  quick: { rounds: 4, perRound: 25, warmUp: 10 },
  full: { rounds: 10, perRound: 100, warmUp: 20 },
  comparisons: [],
  open: (context) => openBeside(context, 'while True: print("0123456789" * 8)'),
};

async function openBeside(context: Context, code: string): Promise<Contender[]> {
  const { caller, sessionId } = await connectToSession(context);
  const where = { case: 'sessionId', value: sessionId } as const;
  await caller.unary(run, { where, source: { case: 'code', value: imports } });
  const isOn = Promise.withResolvers<void>();
  const source = { case: 'code', value: `print("on", flush=True)\n${code}` } as const;
  // More than is written while samples are taken.
  const maxOutputBytes = 1n << 40n;
  const ended = readAll(caller.serverStream(execute, { where, source, maxOutputBytes }), isOn.resolve);
  ended.catch(isOn.reject);
  context.stack.defer(async () => {
    await caller.unary(interrupt, { sessionId });
    await ended;
  });
  await isOn.promise;
  return [
    { name: '`Complete` of `json.`', sample: () => timed(() => completed(caller, sessionId)) },
    { name: '`Inspect` of `json.dumps`', sample: () => timed(() => inspected(caller, sessionId)) },
    { name: '`ListVariables`', sample: () => timed(() => listed(caller, sessionId)) },
    { name: '`DumpStacks`', sample: () => timed(() => dumped(caller, sessionId)) },
  ];
}

async function readAll(events: AsyncIterable<{ body: { case?: string; value?: unknown } }>, onOutput: () => void) {
  for await (const { body } of events) {
    if (body.case === 'output' && (body.value as { stream: OutputStream }).stream === OutputStream.STDOUT) onOutput();
  }
}

async function completed(caller: GrpcCaller, sessionId: string): Promise<void> {
  const { matches } = await caller.unary(complete, { sessionId, code: 'json.', cursor: 5 });
  check(matches.some(({ text }) => text === 'dumps'));
}

async function inspected(caller: GrpcCaller, sessionId: string): Promise<void> {
  check((await caller.unary(inspect, { sessionId, code: 'json.dumps', cursor: 8 })).signature !== '');
}

async function listed(caller: GrpcCaller, sessionId: string): Promise<void> {
  const { variables } = await caller.unary(listVariables, { sessionId });
  check(variables.some(({ preview }) => preview === "{'host': 'h'}"));
}

async function dumped(caller: GrpcCaller, sessionId: string): Promise<void> {
  check((await caller.unary(dumpStacks, { sessionId })).threads.length === 1);
}

function check(isTold: boolean): void {
  if (!isTold) throw new Error('the session did not tell what is in it');
}
