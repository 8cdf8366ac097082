/** The Python client: what it takes for itself, over a bare stub of the same contract; items of an iterator. */
import { join } from 'node:path';
import type { Context, Measure } from '../measure.ts';
import { rpyc, startRpyc } from '../peers/rpyc.ts';
import { startTold, type Tell } from '../peers/told.ts';
import { root } from '../places.ts';

const client = 'the Python client';
const stub = 'a bare stub, from Python';
const rows = 1000;

/** `1+1` in a live session. */
export const pythonClientRun: Measure = {
  id: 'python-client-run',
  title: '`1+1` in a live session, from Python',
  unit: 'ms',
  quick: { rounds: 8, perRound: 100, warmUp: 300 },
  full: { rounds: 30, perRound: 300, warmUp: 1000 },
  comparisons: [],
  open: (context) => beside(context, 'run'),
};

/** A call of a live object's method. */
export const pythonClientCall: Measure = {
  id: 'python-client-call',
  title: '`math.sqrt(16)` by value, from Python',
  unit: 'ms',
  quick: { rounds: 8, perRound: 100, warmUp: 300 },
  full: { rounds: 30, perRound: 300, warmUp: 1000 },
  comparisons: [],
  open: (context) => beside(context, 'call'),
};

/** An array that comes in chunks. */
export const pythonClientArray: Measure = {
  id: 'python-client-array',
  title: '10 MB of float64, from Python',
  unit: 'ms',
  quick: { rounds: 6, perRound: 3, warmUp: 3 },
  full: { rounds: 20, perRound: 10, warmUp: 10 },
  comparisons: [],
  open: (context) => beside(context, 'array'),
};

/** Rows of a generator. */
export const pythonClientItems: Measure = {
  id: 'python-client-items',
  title: `${rows} rows read from an iterator, from Python`,
  unit: 'ms',
  quick: { rounds: 6, perRound: 2, warmUp: 2 },
  full: { rounds: 20, perRound: 5, warmUp: 5 },
  comparisons: [{ id: 'python-client-items', ours: client, peers: [rpyc] }],
  async open(context) {
    const tell = startClient(context);
    const peer = startRpyc(context);
    return [
      { name: client, sample: () => tell('items', rows) },
      { name: rpyc, sample: () => peer.items(rows) },
    ];
  },
};

async function beside(context: Context, what: string) {
  const tell = startClient(context);
  return [
    { name: client, sample: () => tell(`${what} by client`) },
    { name: stub, sample: () => tell(`${what} by stub`) },
  ];
}

function startClient({ gateway, peerEnvironment, stack }: Context): Tell {
  const python = join(gateway.home, 'admin', 'bin', 'python');
  const program = join(import.meta.dirname, '..', 'clients', 'python_client.py');
  const path = [join(root, 'python'), join(root, 'python', 'gen')].join(':');
  const command = [
    python,
    program,
    `http://${gateway.rpcAddress}`,
    join(gateway.home, 'token'),
    peerEnvironment.folder,
  ];
  return startTold(client, command, stack, { PYTHONPATH: path });
}
