/** The TypeScript client beside the stubs that it is made of: what its own code costs. */
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { connect } from '../../src/client/node.ts';
import { ExecuteService } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { ObjectService, ReadForm } from '../../src/gen/es/beep/python/v1/object_pb.ts';
import { checkTwo, code } from '../clients/gateway.ts';
import { callMethod } from '../clients/objects.ts';
import type { Context, Measure } from '../measure.ts';
import { timed } from '../sampling.ts';

const counter =
  'type("Counter", (), {"count": 0, "add": lambda self, n: setattr(self, "count", self.count + n) or self.count})()';
const rows = 1000;
const elements = 1_250_000;

const client = 'the client';
const stub = 'a bare stub on the same transport';

/** See above. */
export const clientRun: Measure = {
  id: 'client-run',
  title: 'The TypeScript client: code that is `1+1`',
  unit: 'ms',
  quick: { rounds: 6, perRound: 100, warmUp: 300 },
  full: { rounds: 20, perRound: 300, warmUp: 2000 },
  comparisons: [],
  async open(context) {
    const { session, execute } = await open(context);
    const source = { case: 'code', value: code } as const;
    const where = { case: 'sessionId', value: session.id } as const;
    return [
      {
        name: client,
        sample: () =>
          timed(async () => {
            const { value } = await session.run(code);
            if (value !== 2) throw new Error(`1+1 gave ${value}`);
          }),
      },
      { name: stub, sample: () => timed(async () => checkTwo(await execute.run({ where, source }))) },
    ];
  },
};

/** See above. */
export const clientCall: Measure = {
  id: 'client-call',
  title: 'The TypeScript client: a call of a method of a live object',
  unit: 'ms',
  quick: { rounds: 6, perRound: 100, warmUp: 300 },
  full: { rounds: 20, perRound: 300, warmUp: 2000 },
  comparisons: [],
  async open(context) {
    const { session, objects } = await open(context);
    const [one, other] = [await session.evaluate(counter), await session.evaluate(counter)];
    let [first, second] = [0, 0n];
    return [
      {
        name: client,
        sample: () => timed(async () => checkCount(await one.add(1), ++first)),
      },
      {
        name: stub,
        sample: () =>
          timed(async () => {
            // The object itself is used, or it would be let go as one that was forgotten.
            const operations = [callMethod(other.$facts.id, 'add', 1n)];
            const { results } = await objects.apply({ sessionId: session.id, operations });
            checkCount(results[0]?.value?.kind.value, ++second);
          }),
      },
    ];
  },
};

/** See above. */
export const clientItems: Measure = {
  id: 'client-items',
  title: `The TypeScript client: ${rows} rows read from an iterator`,
  unit: 'ms',
  quick: { rounds: 6, perRound: 3, warmUp: 3 },
  full: { rounds: 20, perRound: 10, warmUp: 20 },
  comparisons: [],
  async open(context) {
    const { session, objects } = await open(context);
    const made = () => session.evaluate(`([i, str(i), i / 2] for i in range(${rows}))`);
    return [
      {
        name: client,
        async sample() {
          const iterator = await made();
          return timed(async () => {
            let sum = 0;
            for await (const [n] of iterator.$items({ pageSize: 2 * rows })) sum += n;
            checkCount(sum, (rows * (rows - 1)) / 2);
          });
        },
      },
      {
        name: stub,
        async sample() {
          const iterator = await made();
          return timed(async () => {
            const { results } = await objects.apply({
              sessionId: session.id,
              operations: [
                {
                  target: { kind: { case: 'handleId', value: iterator.$facts.id } },
                  action: { case: 'nextItems', value: { maxItems: 2 * rows } },
                },
              ],
            });
            let sum = 0;
            for (const [n] of JSON.parse(results[0]?.items?.json ?? '[]') as [number][]) sum += n;
            checkCount(sum, (rows * (rows - 1)) / 2);
          });
        },
      },
    ];
  },
};

/** See above. */
export const clientArray: Measure = {
  id: 'client-array',
  title: 'The TypeScript client: 10 MB of float64',
  unit: 'ms',
  quick: { rounds: 6, perRound: 2, warmUp: 2 },
  full: { rounds: 20, perRound: 5, warmUp: 10 },
  comparisons: [],
  async open(context) {
    const { session, objects } = await open(context);
    const array = await session.evaluate(`__import__("array").array("d", range(${elements}))`);
    return [
      {
        name: client,
        sample: () => timed(async () => checkCount((await array.$readBytes()).length, elements * 8)),
      },
      {
        name: stub,
        sample: () =>
          timed(async () => {
            let bytes = 0;
            const request = { sessionId: session.id, handleId: array.$facts.id, form: ReadForm.BYTES };
            for await (const { part } of objects.read(request)) {
              if (part.case === 'data') bytes += part.value.length;
            }
            checkCount(bytes, elements * 8);
          }),
      },
    ];
  },
};

/** The client with a session, and stubs on a transport like the client's own. */
async function open({ gateway, stack }: Context) {
  const address = `http://${gateway.rpcAddress}`;
  const python = stack.use(await connect({ address, token: gateway.authorization.replace('Bearer ', '') }));
  const session = stack.use(await python.createSession());
  const sessionManager = new Http2SessionManager(address);
  stack.defer(() => sessionManager.abort());
  const transport = createGrpcTransport({
    baseUrl: address,
    sessionManager,
    acceptCompression: [],
    interceptors: [
      (next) => (request) => {
        request.header.set('authorization', gateway.authorization);
        return next(request);
      },
    ],
  });
  return {
    session,
    execute: createClient(ExecuteService, transport),
    objects: createClient(ObjectService, transport),
  };
}

function checkCount(count: unknown, expected: unknown): void {
  if (count !== expected) throw new Error(`${count} came, and not ${expected}`);
}
