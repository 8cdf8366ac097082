/** What people use Jupyter's kernels for, here and there. */
import { connectTo, connectToSession, runIn } from '../clients/gateway.ts';
import { converse, evaluate } from '../clients/objects.ts';
import type { Measure } from '../measure.ts';
import { jupyter, startJupyter } from '../peers/jupyter.ts';
import { timed } from '../sampling.ts';
import { firstByteOf } from './first-byte.ts';
import { runFresh } from './fresh-session.ts';
import { byRun, onStream } from './live-call.ts';

const session = 'beep-python, a fresh session';
const byte = 'beep-python, `Execute`: first byte of output';

// A kernel sends what was written at the end of a cell, or after a while: here the code goes on for longer than that.
const busy = "import time\nprint('x')\ntime.sleep(0.4)";

// What a program is slow at when it has just started is over by then; a kernel takes too long for as many.
const warmUps = 100;

/** A bare session. */
export const jupyterSession: Measure = {
  id: 'jupyter-session',
  title: 'A new session, to its first result (`1+1`)',
  unit: 'ms',
  quick: { rounds: 3, perRound: 2, warmUp: 1 },
  full: { rounds: 10, perRound: 3, warmUp: 2 },
  comparisons: [{ id: 'jupyter-session', ours: session, peers: [jupyter] }],
  async open(context) {
    const caller = context.stack.use(connectTo(context.gateway));
    const peer = startJupyter(context);
    for (let i = 0; i < warmUps; i++) await runFresh(caller, {}, '1+1');
    return [
      { name: session, sample: () => timed(() => runFresh(caller, {}, '1+1')) },
      { name: jupyter, sample: () => peer.fresh('1+1') },
    ];
  },
};

/** A session that can work on data. */
export const jupyterPreloaded: Measure = {
  id: 'jupyter-preloaded',
  title: 'A new session with numpy and pandas, to its first result',
  unit: 'ms',
  quick: { rounds: 3, perRound: 2, warmUp: 2 },
  full: { rounds: 10, perRound: 3, warmUp: 3 },
  comparisons: [{ id: 'jupyter-preloaded', ours: session, peers: [jupyter] }],
  async open(context) {
    const caller = context.stack.use(connectTo(context.gateway));
    const peer = startJupyter(context);
    const spec = { venv: context.peerEnvironment.folder, preload: ['numpy', 'pandas'] };
    const code = 'import numpy, pandas; int(pandas.Series(numpy.arange(3)).max())';
    for (let i = 0; i < warmUps; i++) await runFresh(caller, spec, code);
    return [
      { name: session, sample: () => timed(() => runFresh(caller, spec, code)) },
      { name: jupyter, sample: () => peer.fresh(code) },
    ];
  },
};

/** A short call. */
export const jupyterCall: Measure = {
  id: 'jupyter-call',
  title: '`1+1` in a live session, one call after the other',
  unit: 'ms',
  quick: { rounds: 5, perRound: 40, warmUp: 200 },
  full: { rounds: 20, perRound: 100, warmUp: 1000 },
  comparisons: [
    { id: 'jupyter-call', ours: byRun, peers: [jupyter] },
    { id: 'jupyter-call-stream', ours: onStream, peers: [jupyter] },
  ],
  async open(context) {
    const { caller, sessionId } = await connectToSession(context);
    const stream = context.stack.use(converse(caller));
    const peer = startJupyter(context);
    return [
      { name: byRun, sample: () => timed(() => runIn(caller, sessionId)) },
      { name: onStream, sample: () => timed(() => evaluate(stream, sessionId)) },
      { name: jupyter, sample: peer.call },
    ];
  },
};

/** Live output. */
export const jupyterFirstByte: Measure = {
  id: 'jupyter-first-byte',
  title: 'First byte of output at the client, while the code goes on',
  unit: 'ms',
  quick: { rounds: 3, perRound: 3, warmUp: 2 },
  full: { rounds: 10, perRound: 5, warmUp: 3 },
  comparisons: [{ id: 'jupyter-first-byte', ours: byte, peers: [jupyter] }],
  async open(context) {
    const { caller, sessionId } = await connectToSession(context);
    const peer = startJupyter(context);
    return [
      { name: byte, sample: () => firstByteOf(caller, sessionId, busy) },
      { name: jupyter, sample: () => peer.firstByte(busy) },
    ];
  },
};
