/** `npm run bench`: this gateway and its peers, in turns, in one run on one machine. */
import { join } from 'node:path';
import { readFlags } from './flags.ts';
import { startGateway } from './gateway.ts';
import { interpreterOf } from './interpreter.ts';
import { keepResults, writePage } from './keep.ts';
import { load, machineFacts } from './machine.ts';
import type { Measure } from './measure.ts';
import { array } from './measures/arrays.ts';
import { clientArray, clientCall, clientItems, clientRun } from './measures/client.ts';
import { growth, memory, neighbour } from './measures/company.ts';
import { cpuTime } from './measures/cpu-time.ts';
import { environments } from './measures/environments.ts';
import { firstByte } from './measures/first-byte.ts';
import { freshSession } from './measures/fresh-session.ts';
import { inFront, inFrontThroughput } from './measures/in-front.ts';
import { jupyterCall, jupyterFirstByte, jupyterPreloaded, jupyterSession } from './measures/jupyter.ts';
import { ladder } from './measures/ladder.ts';
import { liveCall } from './measures/live-call.ts';
import { lookingIn, lookingInOutput } from './measures/looking-in.ts';
import { objectBatch, objectCall, objectItems, objectThroughput } from './measures/objects.ts';
import { originalArray } from './measures/original-array.ts';
import { output } from './measures/output.ts';
import { pythonClientArray, pythonClientCall, pythonClientItems, pythonClientRun } from './measures/python-client.ts';
import { interrupt, replacement, sessionBurst } from './measures/stopping.ts';
import { throughput } from './measures/throughput.ts';
import { ensurePeerEnvironment } from './peers/environment.ts';
import { cache } from './places.ts';
import { type Report, type Section, sectionOf, type Verdict, verdictsOf } from './report.ts';
import { alternate, type Rounds } from './sampling.ts';
import { tableOf } from './table.ts';

const all: readonly Measure[] = [
  freshSession,
  liveCall,
  throughput,
  firstByte,
  jupyterSession,
  jupyterPreloaded,
  jupyterCall,
  jupyterFirstByte,
  interrupt,
  replacement,
  sessionBurst,
  objectCall,
  objectThroughput,
  objectBatch,
  objectItems,
  array,
  clientRun,
  clientCall,
  clientItems,
  clientArray,
  pythonClientRun,
  pythonClientCall,
  pythonClientItems,
  pythonClientArray,
  lookingIn,
  lookingInOutput,
  ...output,
  originalArray,
  memory,
  neighbour,
  growth,
  inFront,
  inFrontThroughput,
  ...environments,
  ladder,
  cpuTime,
];

// What a shell has set for Python would change what is measured: one that may write no bytecode compiles at every start.
for (const name of Object.keys(process.env)) if (/^PYTHON[A-Z]/.test(name)) delete process.env[name];

const { isQuick, only, page } = readFlags(process.argv.slice(2));
const measures = only.length === 0 ? all : all.filter(({ id }) => only.includes(id));
if (measures.length === 0) throw new Error(`no such measure: ${only}; there are ${all.map(({ id }) => id)}`);

const loadBefore = load();
note('starting the gateway');
await using gateway = await startGateway(process.env['BEEP_PYTHON_HOME'] ?? join(cache, 'home'));
const interpreter = await interpreterOf(gateway);
note('making ready the peers');
const peerEnvironment = await ensurePeerEnvironment(gateway.home, interpreter);

const samples = new Map<string, Rounds>();
const sections: Section[] = [];
const verdicts: Verdict[] = [];
for (const measure of measures) {
  const lack = measure.lacks?.();
  if (lack !== undefined) {
    note(`${measure.id} is left out: ${lack}`);
    continue;
  }
  const startedAt = performance.now();
  await using stack = new AsyncDisposableStack();
  const contenders = await measure.open({ gateway, interpreter, peerEnvironment, stack });
  const rounds = await alternate(contenders, isQuick ? measure.quick : measure.full);
  samples.set(measure.id, rounds);
  sections.push(sectionOf(measure, rounds));
  verdicts.push(...verdictsOf(measure, rounds));
  note(`${measure.id} took ${Math.round((performance.now() - startedAt) / 1000)} s`);
}

const report: Report = {
  measuredAt: new Date().toISOString(),
  isQuick,
  machine: await machineFacts(interpreter, gateway.home),
  load: [loadBefore, load()],
  sections,
  verdicts,
};
console.log(tableOf(report));
if (measures === all) {
  await keepResults(isQuick ? 'quick' : 'full', report, samples);
  if (!isQuick || page) await writePage(report);
}

function note(text: string): void {
  console.error(`.. ${text}`);
}
