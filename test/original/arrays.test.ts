/** Arrays over the original's formats: numpy's, long ones in little memory, and readers that leave. */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { buildTimeoutMs, pandasEnvironment } from '../support/environments.ts';
import { startGateway } from '../support/gateway.ts';
import { facades } from './facades.ts';
import { client, handleJson } from './operations.ts';

test(
  "numpy's arrays and scalars are handles and numbers",
  async () => {
    const environment = await pandasEnvironment();
    await using gateway = await startGateway({ flags: ['--auth', 'same-user', '--venv', environment] });
    for (const name of ['api', 'rpc', 'pipe'] as const) {
      const {
        import: importModule,
        create,
        call,
        getattr,
        evaluate,
        floats,
        floats2d,
        facade,
      } = client(await facades[name](gateway));
      const numpy = await importModule('numpy');
      const zeros = await create(numpy, 'zeros', { args: '[[2,2]]' });
      expect(zeros.typeName).toBe('ndarray');
      expect(await floats(zeros.handleId)).toEqual({ data: '[0.0,0.0,0.0,0.0]' });
      expect(await floats2d(zeros.handleId)).toEqual({ data: '[[0.0,0.0],[0.0,0.0]]' });
      const sum = await call(numpy, 'add', { args: `[${handleJson(zeros)},1.5]` });
      expect(sum.handle?.typeName).toBe('ndarray');
      expect(await floats(sum.handle?.handleId as string)).toEqual({ data: '[1.5,1.5,1.5,1.5]' });
      expect(await call(numpy, 'add', { args: `[${handleJson(zeros)},1]`, returnType: '"Double[]"' })).toEqual({
        value: '[[1.0,1.0],[1.0,1.0]]',
      });
      expect(await call(numpy, 'int64', { args: '[7]' })).toEqual({ value: '7' });
      expect(await call(numpy, 'float64', { args: '[2]' })).toEqual({ value: '2.0' });
      expect(await getattr(zeros.handleId, 'shape')).toEqual({ value: '[2,2]' });
      expect((await call(zeros.handleId, 'mean')).value).toBe('0.0');
      expect(await evaluate('bool(a.any())', { locals: `{"a":${handleJson(zeros)}}` })).toEqual({ value: 'false' });
      const three = await create(numpy, 'ones', { args: '[[1,1,1]]' });
      expect((await floats2d(three.handleId)).fault).toBe('code');
      await facade[Symbol.asyncDispose]();
    }
  },
  buildTimeoutMs,
);

const mebibyte = 1 << 20;

/** A figure of a process's memory, in bytes. */
function memoryOf(pid: number, figure: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${figure}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
}

test.each(['api', 'pipe'] as const)(
  'over %s sixty megabytes of numbers go through a gateway that takes half of that at the most',
  async (name) => {
    await using gateway = await startGateway({ flags: ['--auth', 'same-user'], maxHeapMebibytes: 48 });
    const [count, digits] = [3_000_000, '0.30000000000000004'];
    const { evaluate, floats, floats2d, facade, call } = client(await facades[name](gateway));
    const { handle } = await evaluate(`import array\narray.array('d', [0.1 + 0.2]) * ${count}`);
    const handleId = handle?.handleId as string;
    const warm = await evaluate("array.array('d', [0.5]) * 300_000");
    await floats(warm.handle?.handleId as string);
    writeFileSync(`/proc/${gateway.pid}/clear_refs`, '5'); // the highest so far begins anew
    const before = memoryOf(gateway.pid, 'VmRSS');
    const { data } = await floats(handleId);
    expect(memoryOf(gateway.pid, 'VmHWM') - before).toBeLessThan(32 * mebibyte);
    expect(data?.length).toBe((digits.length + 1) * count + 1);
    expect(data?.startsWith(`[${digits},${digits},`)).toBe(true);
    expect((await floats2d(handleId)).fault).toBe('code');
    expect(await call(handleId, '__len__')).toEqual({ value: String(count) });
    await facade[Symbol.asyncDispose]();
  },
  120_000,
);

test('a reader that leaves in the middle leaves nothing behind', async () => {
  await using gateway = await startGateway({ flags: ['--auth', 'same-user'] });
  const api = client(await facades.api(gateway));
  const { handle } = await api.evaluate("import array\narray.array('d', [0.1]) * 3_000_000");
  // More of them than can read at once.
  for (let i = 0; i < 40; i++) {
    const leaving = new AbortController();
    const call = request(`${gateway.http}/api/tofloatarray`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      signal: leaving.signal,
    }).end(JSON.stringify(handle));
    call.on('error', () => {});
    const [response] = await once(call, 'response');
    response.on('error', () => {});
    await once(response, 'data');
    leaving.abort();
    await once(response, 'close').catch(() => {}); // an error, of its own making
  }
  const { data } = await api.floats(handle?.handleId as string);
  expect(data?.length).toBe(12_000_001);
}, 60_000);
