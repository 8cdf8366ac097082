/** Arrays and tables of a session are told by their shapes, without asking them. */
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExecuteService } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { buildTimeoutMs, pandasEnvironment } from '../support/environments.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';

const code = `
import numpy, pandas
grid = numpy.zeros((3, 4))
class Grid(numpy.ndarray):
    shape = property(lambda self: 1 / 0)
own = grid.view(Grid)
table = pandas.DataFrame({'a': [1, 2, 3], 'b': ['x', 'y', 'z']})
named = table.set_index('b')
dated = pandas.DataFrame({'a': [1]}, index=pandas.date_range('2020', periods=1))
column = table['a']
class Table(pandas.DataFrame):
    @property
    def shape(self): return 1 / 0
mine = Table({'a': [1]})
`;

let gateway: TestGateway;
let pandas: string;

beforeAll(async () => {
  pandas = await pandasEnvironment();
  gateway = await startGateway();
}, buildTimeoutMs);
afterAll(() => gateway?.stop());

test('arrays and tables have their shapes, and those with code of their own have none', async () => {
  const client = createClient(ExecuteService, createGrpcTransport({ baseUrl: gateway.rpc }));
  const headers = { authorization: `Bearer ${gateway.token()}` };
  const { id: sessionId } = await client.createSession({ spec: { venv: pandas } }, { headers });
  const where = { case: 'sessionId', value: sessionId } as const;
  const { error } = await client.run({ where, source: { case: 'code', value: code } }, { headers });
  expect(error).toBeUndefined();
  const { variables } = await client.listVariables({ sessionId }, { headers });
  const shapes = Object.fromEntries(variables.map(({ name, shape }) => [name, shape.map(Number)]));
  expect(shapes).toMatchObject({
    grid: [3, 4],
    own: [],
    table: [3, 2],
    named: [3, 1],
    dated: [1, 1],
    column: [3],
    mine: [],
  });
  expect(variables.find(({ name }) => name === 'grid')).toMatchObject({ typeName: 'numpy.ndarray', sizeBytes: 96n });
});
