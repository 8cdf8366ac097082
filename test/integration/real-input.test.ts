/** The main job on something real: a table of some hundred thousand rows, analysed with pandas, over every kind of client. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../matrix/client.ts';
import { expectWellFormed, follow, only, output } from '../matrix/follow.ts';
import { transports } from '../matrix/transports.ts';
import { buildTimeoutMs, pandasEnvironment } from '../support/environments.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { type Figures, figuresOf, makeSales, writeCsv } from './real-input/sales.ts';
import { createTestFolder } from './setup/test-home.ts';

const sales = makeSales(400_000);
const expected = figuresOf(sales);

let venv: string;
let folder: Awaited<ReturnType<typeof createTestFolder>>;
let csv: string;
let gateway: TestGateway;
beforeAll(async () => {
  venv = await pandasEnvironment();
  folder = await createTestFolder();
  csv = join(folder.path, 'sales.csv');
  await writeCsv(sales, csv);
  gateway = await startGateway();
}, buildTimeoutMs);
afterAll(async () => {
  await gateway?.stop();
  await folder?.[Symbol.asyncDispose]();
});

/** The analysis as code, and how to let it go on after its first line. */
function analysis(name: string) {
  const gate = join(folder.path, name);
  const code = readFileSync(join(import.meta.dirname, 'real-input', 'analysis.py'), 'utf8');
  const given = `path, gate = ${JSON.stringify(csv)}, ${JSON.stringify(gate)}\n`;
  return { code: given + code, goOn: () => writeFileSync(gate, '') };
}

const progress = [`read ${expected.rows} rows`, ...cityLines(), 'done', ''].join('\n');

function cityLines(): string[] {
  return Object.entries(expected.cities)
    .toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([name, { count }]) => `${name}: ${count}`);
}

/** Counts are exact; what was divided or added up as floats agrees to twelve digits. */
function expectFigures(found: Figures): void {
  expect(close(found)).toEqual(close(expected));
}

function close(figures: Figures): unknown {
  return JSON.parse(
    JSON.stringify(figures, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(12)) : value)),
  );
}

describe.each(['native gRPC', 'gRPC-Web', 'Connect binary', 'Connect JSON', 'plain routes with SSE'] as const)(
  '%s',
  (transport) => {
    let client: Client;
    beforeAll(() => {
      client = transports[transport]({ ...gateway, token: gateway.token() });
    });
    afterAll(() => client.close());

    test('an analysis with pandas: progress as it goes, the right figures, and a session that outlives a stop', async () => {
      const session = await client.createSession({ venv, preload: ['pandas'] });
      expect(session.venv).toBe(venv);
      const { code, goOn } = analysis(transport);
      const reading = follow(client.execute({ sessionId: session.id, code }));
      expect(String((await reading.first('stdout')).data)).toBe(`read ${expected.rows} rows\n`);
      goOn();
      const events = await reading.all;
      expectWellFormed(events);
      expect(String(output(events, 'stdout'))).toBe(progress);
      expect(String(output(events, 'stderr'))).toBe('');
      expect(only(events, 'finished')).toMatchObject({ outcome: 'OK', statePreserved: true });
      expectFigures(JSON.parse(only(events, 'result').value?.text as string));

      const loop =
        'rounds = 0\nprint("looping")\nwhile True:\n    table["cents"].rolling(1000).mean()\n    rounds += 1';
      const looping = follow(client.execute({ sessionId: session.id, code: loop }));
      await looping.first('stdout');
      expect(await client.interrupt({ sessionId: session.id })).toMatchObject({ statePreserved: true });
      expect((await looping.all).at(-1)).toMatchObject({ outcome: 'INTERRUPTED', statePreserved: true, generation: 1 });
      const after = await client.run({ sessionId: session.id, code: 'len(table), int(table["cents"].sum())' });
      expect(after.value?.text).toBe(`{"$tuple":[${expected.rows},${expected.totalCents}]}`);

      // A table is no plain value: it stays, and shows itself.
      const shown = await client.run({ sessionId: session.id, code: 'table.head(3)' });
      expect(shown).toMatchObject({ outcome: 'OK', text: expect.stringContaining('amount') });
      expect(shown.value?.text).toMatch(/"\$ref":"[^"]+".*DataFrame of 3 x 5/);
      await client.closeSession(session.id);
    });
  },
);

interface PlainEvent {
  readonly seq: number;
  readonly type: string;
  readonly text?: string;
  readonly offset?: number;
  readonly result?: unknown;
}

test('curl with NDJSON: a fresh session in the environment, line by line', async () => {
  const { code, goOn } = analysis('curl');
  const curl = spawn('curl', [
    '--silent',
    '--show-error',
    '--no-buffer',
    '--header',
    `Authorization: Bearer ${gateway.token()}`,
    '--header',
    'Content-Type: application/json',
    '--header',
    'Accept: application/x-ndjson',
    '--data-binary',
    '@-',
    `${gateway.http}/execute`,
  ]);
  curl.stdin.end(JSON.stringify({ code, venv }));
  const closed = once(curl, 'close');
  const events: PlainEvent[] = [];
  for await (const line of createInterface({ input: curl.stdout })) {
    const event: PlainEvent = JSON.parse(line);
    events.push(event);
    if (event.type === 'stdout' && event.offset === 0) {
      expect(event.text).toBe(`read ${expected.rows} rows\n`);
      goOn();
    }
  }
  expect(await closed).toEqual([0, null]);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  const text = events.map((event) => (event.type === 'stdout' ? event.text : '')).join('');
  expect(text).toBe(progress);
  expectFigures(events.find(({ type }) => type === 'result')?.result as Figures);
  expect(events.at(-1)).toMatchObject({ type: 'finished', outcome: 'OK', statePreserved: true });
});

test('files that the code writes stay in its own folder, and can be read by the next execution', async () => {
  const client = transports['native gRPC']({ ...gateway, token: gateway.token() });
  const session = await client.createSession({ venv, preload: ['pandas'] });
  const write = `import pandas as pd\npd.read_csv(${JSON.stringify(csv)}, nrows=1000).to_pickle("part.pkl")`;
  expect(await client.run({ sessionId: session.id, code: write })).toMatchObject({ outcome: 'OK' });
  const read = 'import os\n[len(pd.read_pickle("part.pkl")), os.listdir(), oct(os.stat(".").st_mode & 0o777)]';
  expect((await client.run({ sessionId: session.id, code: read })).value?.text).toBe('[1000,["part.pkl"],"0o700"]');
  await client.closeSession(session.id);
  client.close();
});
