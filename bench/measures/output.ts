/** Output of every size, from the code to the caller, all of it. */
import { ExecuteService } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { connectToSession } from '../clients/gateway.ts';
import type { GrpcCaller } from '../clients/grpc.ts';
import type { Measure } from '../measure.ts';
import { jupyter, startJupyter } from '../peers/jupyter.ts';
import type { Plan } from '../sampling.ts';
import { timed } from '../sampling.ts';

const ours = 'beep-python, `Execute`';
const mebibyte = 2 ** 20;

/** What people print. */
const outputs = [
  {
    id: 'output-lines',
    title: '10,000 printed lines',
    code: 'for i in range(10_000): print(f"{i:09}")',
    size: 100_000,
    quick: { rounds: 4, perRound: 3, warmUp: 2 },
    full: { rounds: 15, perRound: 5, warmUp: 5 },
  },
  {
    id: 'output-megabyte',
    title: 'A million characters printed at once',
    code: 'print("x" * 999_999)',
    size: 1_000_000,
    quick: { rounds: 4, perRound: 5, warmUp: 3 },
    full: { rounds: 15, perRound: 10, warmUp: 5 },
  },
  {
    id: 'output-rate',
    title: '64 MiB printed a mebibyte at a time',
    code: `line = "x" * ${mebibyte - 1}\nfor _ in range(64): print(line)`,
    size: 64 * mebibyte,
    quick: { rounds: 3, perRound: 1, warmUp: 1 },
    full: { rounds: 10, perRound: 1, warmUp: 1 },
  },
] as const;

/** A measure of each. */
export const output: readonly Measure[] = outputs.map(({ id, title, code, size, ...plans }) => ({
  id,
  title: `${title}, until all of it is there`,
  unit: 'ms',
  ...(plans as { quick: Plan; full: Plan }),
  comparisons: [{ id, ours, peers: [jupyter] }],
  async open(context) {
    const { caller, sessionId } = await connectToSession(context);
    const peer = startJupyter(context);
    return [
      { name: ours, sample: () => timed(() => write(caller, sessionId, code, size)) },
      { name: jupyter, sample: () => peer.write(code, size) },
    ];
  },
}));

async function write(caller: GrpcCaller, sessionId: string, code: string, size: number): Promise<void> {
  let seen = 0;
  const where = { case: 'sessionId', value: sessionId } as const;
  const events = caller.serverStream(ExecuteService.method.execute, { where, source: { case: 'code', value: code } });
  for await (const { body } of events) if (body.case === 'output') seen += body.value.data.length;
  if (seen !== size) throw new Error(`${seen} of ${size} bytes have come`);
}
