/** The environment routes that the original's documents promised, and the same over the pipe. */
import { existsSync } from 'node:fs';
import { createConnection } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startVenvGateway, type VenvGateway } from '../support/venv-gateway.ts';
import { lineReader, post } from './facades.ts';

let own: VenvGateway;

beforeAll(async () => {
  own = await startVenvGateway({ flags: ['--auth', 'same-user'] });
}, 120_000);

afterAll(() => own?.[Symbol.asyncDispose]());

async function call(path: string, body?: object): Promise<Record<string, unknown> & { status: number }> {
  if (body === undefined) {
    const headers = { authorization: `Bearer ${own.gateway.token()}` };
    const answer = await fetch(own.gateway.http + path, { headers });
    return { status: answer.status, ...((await answer.json()) as object) };
  }
  const answer = await post(own.gateway.http + path, JSON.stringify(body));
  return { status: answer.status, ...JSON.parse(answer.text) };
}

const listed = async () => (await call('/api/venv/list')).venvs as { name: string; path: string; status: string }[];

test('an environment is made for a provider, found again, listed, changed and deleted', async () => {
  const made = await call('/venv/create', { providerName: 'my-provider', modelId: null });
  expect(made).toEqual({ status: 200, path: expect.stringContaining('my-provider-'), success: true });
  expect(existsSync(join(made.path as string, 'bin', 'python'))).toBe(true);
  expect(await call('/api/venv/create', { providerName: 'my-provider', modelId: 'other' })).toEqual(made);
  expect((await listed()).find(({ path }) => path === made.path)).toEqual({
    name: basename(dirname(made.path as string)),
    path: made.path,
    pythonVersion: expect.stringMatching(/^3\.\d+\.\d+/),
    status: 'ready',
  });
  const installed = await call('/api/venv/install', { venvPath: made.path, packages: ['tree'] });
  expect(installed).toEqual({
    status: 200,
    success: true,
    packages: [
      { name: 'leaf', version: '1.1' },
      { name: 'tree', version: '2.0' },
    ],
  });
  const again = await call('/venv/install', { venvName: basename(dirname(made.path as string)), packages: ['tree'] });
  expect(again.packages).toEqual([{ name: 'tree', version: '2.0' }]);
  expect(await call('/venv/delete', { venvPath: made.path })).toEqual({ status: 200, success: true });
  expect((await listed()).some(({ path }) => path === made.path)).toBe(false);
  expect(await call('/venv/delete', { venvPath: made.path })).toMatchObject({
    status: 404,
    success: false,
    reason: 'VENV_NOT_FOUND',
  });
});

test('names keep their case and letters, and models count for ROCm', async () => {
  const made = await call('/venv/create', { providerName: 'Größe-ROCm', modelId: 'Meta/Llama 3' });
  expect(basename(dirname(made.path as string))).toMatch(/^Größe-ROCm-Meta-Llama-3-(rocm|cuda|vulkan|cpu)$/);
  const second = await call('/venv/create', { providerName: 'Größe-ROCm', modelId: 'other' });
  expect(second.path).not.toBe(made.path);
});

test.each(['a/b', 'a\\b', '..', '.hidden', 'a..b', 'a\u0000b', 'a\nb', '', '-x'])(
  'the provider name %j is refused',
  async (providerName) => {
    const answer = await call('/venv/create', { providerName });
    expect(answer).toMatchObject({ success: false, error: expect.any(String), reason: 'VENV_NAME_INVALID' });
    expect(answer.status).toBe(400);
  },
);

test('what is not ours is not deleted, and bad requests say what is missing', async () => {
  const ours = join(own.home, 'envs');
  for (const venvPath of ['/tmp', '/', own.home, ours, join(ours, '..', 'admin'), '', '.', 'default', `${ours}/\0`]) {
    const answer = await call('/venv/delete', { venvPath });
    expect(answer.success, venvPath).toBe(false);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  }
  expect(existsSync(join(own.home, 'admin'))).toBe(true);
  expect((await call('/venv/delete', { venvPath: own.folder('default') })).reason).toBe('VENV_PROTECTED');
  for (const [path, body] of [
    ['/venv/create', {}],
    ['/venv/delete', {}],
    ['/venv/install', { packages: ['tree'] }],
    ['/venv/install', { venvName: 'default' }],
    ['/venv/install', { venvName: 'default', packages: [1] }],
  ] as const) {
    expect(await call(path, body), path).toMatchObject({ status: 400, success: false, reason: 'INVALID_ARGUMENT' });
  }
  const absent = await call('/venv/install', { venvName: 'nobody', packages: ['tree'] });
  expect(absent).toMatchObject({ status: 404, success: false });
});

test('the pipe has the same', async () => {
  const socket = createConnection(own.gateway.pipe);
  const line = lineReader(socket);
  const ask = async (command: string, payload?: object) => {
    socket.write(`${JSON.stringify({ command, payload })}\n`);
    return JSON.parse(await line());
  };
  const made = await ask('venv_create', { providerName: 'piped' });
  expect(made).toEqual({ result: { path: made.path, success: true }, path: expect.any(String), success: true });
  expect((await ask('venv_list')).result.venvs.map(({ path }: { path: string }) => path)).toContain(made.path);
  expect((await ask('venv_delete', { venvPath: made.path })).result).toEqual({ success: true });
  const failed = { error: expect.any(String), success: false };
  expect(await ask('venv_delete', { venvPath: made.path })).toEqual({ ...failed, reason: 'VENV_NOT_FOUND' });
  expect(await ask('venv_install', { venvName: 'x', packages: ['tree', 1] })).toEqual({
    ...failed,
    error: 'packages.1: input should be a valid string',
    reason: 'INVALID_ARGUMENT',
  });
  expect((await ask('venv_create', [] as object)).success).toBe(false);
  expect(await ask('nothing')).toEqual({ error: 'Unknown command: nothing', reason: 'ROUTE_NOT_FOUND' });
  socket.destroy();
});
