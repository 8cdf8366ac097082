/** Environments and packages, by the client's own words. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WorkProgress } from '../../src/client/node.ts';
import { createCutter } from '../hostile/cutter.ts';
import { createNumbers } from '../hostile/numbers.ts';
import { until } from '../support/until.ts';
import { startVenvGateway, type VenvGateway } from '../support/venv-gateway.ts';
import { transports } from './stage.ts';

const timeoutMs = 60_000;
let stage: VenvGateway;
/** Who asked for the package that never comes. */
let waiting = 0;

beforeAll(async () => {
  stage = await startVenvGateway({
    index: {
      misbehave(path, response) {
        if (path !== '/simple/stone/') return false;
        waiting++;
        response.on('close', () => waiting--);
        return true;
      },
    },
  });
}, timeoutMs);
afterAll(() => stage?.[Symbol.asyncDispose]());

describe.each(Object.keys(transports))('%s', (transport) => {
  const connect = () => (transports[transport] as NonNullable<(typeof transports)[string]>)(stage.gateway);
  const name = `for-${transport.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;

  test('an environment is ensured with its progress, used, changed, gone back to, and deleted', {
    timeout: timeoutMs,
  }, async () => {
    await using python = await connect();
    const labels = { made: name };
    const work = python.venvs.ensure({ name, packages: ['tree<2'], labels });
    const told: WorkProgress[] = [];
    for await (const progress of work) told.push(progress);
    expect(told.at(-1)).toMatchObject({ phase: 'publish', message: expect.any(String) });
    const { venv, changes, unchanged, tookMs } = await work.result();
    expect({ unchanged, state: venv.state, generation: venv.generation }).toEqual({
      unchanged: false,
      state: 'READY',
      generation: 1,
    });
    expect(changes.map(({ name, newVersion }) => `${name} ${newVersion}`).toSorted()).toEqual(['leaf 1.1', 'tree 1.0']);
    expect(tookMs).toBeGreaterThan(0);
    expect((await python.venvs.ensure({ name, packages: ['tree'] }).result()).unchanged).toBe(true);

    const plan = await python.venvs.plan(name, [], { requirements: 'tree==2.0' });
    expect(plan.changes).toEqual([{ name: 'tree', oldVersion: '1.0', newVersion: '2.0' }]);
    expect((await python.venvs.install(name, ['tree'], { upgrade: true }).result()).venv.generation).toBe(2);
    expect((await python.venvs.rollback(name)).generation).toBe(1);
    expect(await python.venvs.packages(name)).toMatchObject([
      { name: 'leaf', requiredBy: ['tree'], requested: false },
      { name: 'tree', version: '1.0', requested: true },
    ]);
    expect(await python.venvs.check(name, { level: 'DEPENDENCIES' })).toEqual([]);
    await python.venvs.uninstall(name, ['leaf']).result();
    expect(await python.venvs.check(name, { level: 'DEPENDENCIES' })).toMatchObject([{ subject: 'tree' }]);
    await python.venvs.sync(name, 'leaf==1.0').result();
    expect(await python.venvs.export(name)).toContain('leaf==1.0');
    expect((await python.venvs.list({ labels })).map(({ name }) => name)).toEqual([name]);
    expect((await python.venvs.get(name)).history.length).toBeGreaterThan(3);
    const copy = await python.venvs.clone(name, `${name}-copy`).result();
    expect(copy.venv).toMatchObject({ name: `${name}-copy`, packageCount: 1 });
    await expect(python.venvs.create(name).result()).rejects.toMatchObject({ reason: 'VENV_EXISTS' });
    expect(await python.venvs.delete(`${name}-copy`)).toBeGreaterThan(0);
    await python.venvs.delete(name, { force: true });
    await expect(python.venvs.get(name)).rejects.toMatchObject({ reason: 'VENV_NOT_FOUND' });
  });

  test('whoever leaves gives the work up', { timeout: timeoutMs }, async () => {
    await using python = await connect();
    const packages = ['stone'];
    const left = python.venvs.ensure({ name: `${name}-left`, packages });
    for await (const { phase } of left) if (phase === 'resolve') break;
    await expect(left.result()).rejects.toMatchObject({ reason: 'CANCELLED' });
    const leave = new AbortController();
    const aborted = python.venvs.create(`${name}-aborted`, { packages, signal: leave.signal });
    await until('uv asks for the package', () => waiting > 0, 20_000);
    leave.abort(new Error('no longer wanted'));
    await expect(aborted.result()).rejects.toThrow('no longer wanted');
    const read = async () => {
      for await (const _ of aborted);
    };
    await expect(read()).rejects.toThrow('no longer wanted');
    await until('nobody waits for the package', () => waiting === 0, 20_000);
    await until('nothing is left of them', async () =>
      (await python.venvs.list()).every((venv) => !venv.name.startsWith(`${name}-`)),
    );
    expect(() => python.venvs.ensure({ signal: leave.signal })).toThrow('no longer wanted');
  });

  test('work that may be done twice goes on over connections that break', { timeout: timeoutMs }, async () => {
    const target = transport === 'native gRPC' ? stage.gateway.rpc : stage.gateway.http;
    const next = createNumbers(3);
    let budget = 6;
    // Each of the first connections is cut within a few hundred bytes, the later ones are whole.
    const cuts = (bound: number) =>
      bound === 4 ? (budget-- > 0 ? 1 : 0) : bound === 8192 ? 60 + next(400) : next(bound);
    await using cutter = await createCutter(target, cuts);
    const connectOver = transports[transport] as NonNullable<(typeof transports)[string]>;
    await using python = await connectOver(stage.gateway, { address: cutter.url });
    const { venv } = await python.venvs.ensure({ name: `${name}-over-cuts`, packages: ['leaf'] }).result();
    expect(venv.packageCount).toBe(1);
    expect(cutter.cuts).toBeGreaterThan(0);
    await python.venvs.delete(venv.name);
  });
});
