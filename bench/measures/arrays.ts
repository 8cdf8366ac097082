/** A large array from Python to the caller. */
import { ObjectService, type ReadResponse } from '../../src/gen/es/beep/python/v1/object_pb.ts';
import { connectToSession } from '../clients/gateway.ts';
import type { GrpcCaller } from '../clients/grpc.ts';
import { hold } from '../clients/objects.ts';
import type { Context, Measure } from '../measure.ts';
import { handWritten, startHandWritten } from '../peers/hand-written.ts';
import { jupyter, startJupyter } from '../peers/jupyter.ts';
import { rpyc, startRpyc } from '../peers/rpyc.ts';
import { timed } from '../sampling.ts';

const count = 1_250_000;
const native = 'beep-python, `Read`';
const plain = 'beep-python, GET';

/** 0, 1, 2 ... as the standard library alone has them, in memory that can be read as it lies. */
const numbers = `memoryview(__import__("array").array("d", range(${count})))`;

/** See above. */
export const array: Measure = {
  id: 'array',
  title: '10 MB of float64 in Python to an array in the caller',
  unit: 'ms',
  quick: { rounds: 6, perRound: 5, warmUp: 5 },
  full: { rounds: 20, perRound: 10, warmUp: 10 },
  comparisons: [
    { id: 'array', ours: native, peers: Object.values(handWritten) },
    { id: 'array-rpyc', ours: native, peers: [rpyc] },
    { id: 'array-jupyter', ours: native, peers: [jupyter] },
  ],
  async open(context) {
    const { caller, sessionId } = await connectToSession(context);
    const handleId = await hold(caller, sessionId, numbers);
    const threads = await startHandWritten('threads', context);
    const aio = await startHandWritten('aio', context);
    const peer = startRpyc(context);
    const kernel = startJupyter(context);
    return [
      { name: native, sample: () => timed(async () => check(await read(caller, sessionId, handleId))) },
      { name: plain, sample: () => timed(async () => check(await get(context, sessionId, handleId))) },
      { name: handWritten.threads, sample: () => timed(async () => check(floats(await threads.array(count)))) },
      { name: handWritten.aio, sample: () => timed(async () => check(floats(await aio.array(count)))) },
      { name: rpyc, sample: () => peer.array(count) },
      { name: jupyter, sample: () => kernel.array(count) },
    ];
  },
};

async function read(caller: GrpcCaller, sessionId: string, handleId: string): Promise<Float64Array> {
  let bytes = new Uint8Array();
  let at = 0;
  for await (const { part } of caller.serverStream(ObjectService.method.read, { sessionId, handleId })) {
    if (part.case === 'header') bytes = new Uint8Array(sizeOf(part));
    else if (part.case === 'data') {
      bytes.set(part.value, at);
      at += part.value.length;
    }
  }
  return new Float64Array(bytes.buffer);
}

function sizeOf({ value }: Extract<ReadResponse['part'], { case: 'header' }>): number {
  return Number(value.totalBytes);
}

async function get({ gateway }: Context, sessionId: string, handleId: string): Promise<Float64Array> {
  const url = `${gateway.httpUrl}/sessions/${sessionId}/objects/${handleId}`;
  const response = await fetch(url, { headers: { authorization: gateway.authorization } });
  return new Float64Array(await response.arrayBuffer());
}

/** Where they lie in a message, they can be no array: its elements have to begin at a multiple of their size. */
function floats(bytes: Uint8Array): Float64Array {
  return new Float64Array(new Uint8Array(bytes).buffer);
}

function check(array: Float64Array): void {
  if (array.length !== count || array[count - 1] !== count - 1) throw new Error('the array is another one');
}
