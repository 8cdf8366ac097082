/** Tables of other libraries than pandas, read as Arrow. */
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Gateway } from '../../src/client/node.ts';
import { buildTimeoutMs, polarsEnvironment, scientificEnvironment } from '../support/environments.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';

const timeoutMs = 120_000;

let gateway: TestGateway;
let python: Gateway;
/** Undefined: no package index has polars for this machine. */
let polars: string | undefined;
beforeAll(async () => {
  polars = await polarsEnvironment().catch((error: Error) => {
    console.log(`skipped: polars cannot be installed here: ${error.message}`);
    return undefined;
  });
  gateway = await startGateway();
  python = await connect({ address: gateway.rpc, token: gateway.token() });
}, buildTimeoutMs);
afterAll(async () => {
  await python?.close();
  await gateway?.stop();
});

test('a frame and a series of polars come as Arrow and as columns, without pyarrow', { timeout: timeoutMs }, async ({
  skip,
}) => {
  if (polars === undefined) return skip('polars cannot be installed here');
  await using session = await python.createSession({ venv: polars });
  await session.run(`
import polars, datetime
frame = polars.DataFrame({
    "n": [1, None, 2**60], "x": [0.5, float("nan"), -0.0], "s": ["a", None, "ü"], "d": [datetime.date(2026, 1, 1)] * 3,
    "l": [[1], [], [2, 3]],
})
large = polars.DataFrame({"n": range(300_000)})`);
  const frame = session.get('frame');
  const table = tableFromIPC(await frame.$readArrow());
  expect(table.schema.fields.map(({ name, type }) => `${name}: ${type}`)).toEqual([
    'n: Int64',
    'x: Float64',
    expect.stringMatching(/^s: (Large)?Utf8$/),
    'd: Date32<DAY>',
    expect.stringMatching(/^l: (Large)?List/),
  ]);
  expect(table.getChild('n')?.toJSON()).toEqual([1n, null, 2n ** 60n]);
  expect(table.getChild('x')?.toJSON()).toEqual([0.5, Number.NaN, -0]);
  expect(
    tableFromIPC(await session.get('large').$readArrow())
      .getChild('n')
      ?.at(-1),
  ).toBe(299_999n);
  const series = tableFromIPC(await frame.get_column('x').$readArrow());
  expect([series.schema.names, series.numRows]).toEqual([['x'], 3]);
  expect(await frame.select(['n', 's']).$readColumns()).toEqual({ n: [1, null, 2n ** 60n], s: ['a', null, 'ü'] });
  expect((await frame).$facts).toMatchObject({ shape: [3, 5], typeName: 'polars.dataframe.frame.DataFrame' });
});

test('what streams Arrow by itself is read as Arrow where that is asked for', { timeout: timeoutMs }, async () => {
  await using session = await python.createSession({ venv: await scientificEnvironment() });
  await session.run(`
import pyarrow
class Rows:
    def __init__(self, table): self.table = table
    def __arrow_c_stream__(self, requested_schema=None): return self.table.__arrow_c_stream__(requested_schema)
    def __iter__(self): return iter([1, 2])
class Broken:
    def __arrow_c_stream__(self, requested_schema=None): return 5
rows = Rows(pyarrow.table({"n": pyarrow.chunked_array([[1, 2], [3]])}))`);
  const rows = session.get('rows');
  expect(
    tableFromIPC(await rows.$readArrow())
      .getChild('n')
      ?.toJSON(),
  ).toEqual([1n, 2n, 3n]);
  // Not asked for, it is what can be iterated.
  const items = [];
  for await (const item of rows) items.push(item);
  expect(items).toEqual([1, 2]);
  for (const wrong of ['Broken()', '5']) {
    const refused = session.evaluate(wrong).$readArrow();
    await expect(refused).rejects.toMatchObject({ reason: 'CONVERSION_FAILED' });
  }
});
