/** Finding the gateway of this machine, and its token. */

import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as browser from '../../src/client/browser.ts';
import { discover } from '../../src/client/discover.ts';
import { connect } from '../../src/client/node.ts';
import { createTestFolder } from '../integration/setup/test-home.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ tokens: ['ann'] });
});
afterAll(() => gateway?.stop());

const find = (wanted: Parameters<typeof discover>[0], env: Record<string, string> = {}) =>
  discover(wanted, ['rpc', 'http'], env);

test('a client finds the gateway of its home and its token by itself', async () => {
  for (const protocol of ['grpc', 'grpc-web', 'connect'] as const) {
    await using python = await connect({ home: gateway.home, protocol });
    expect((await python.run('6 * 7')).value).toBe(42);
    expect(python.address).toBe(protocol === 'grpc' ? gateway.rpc : gateway.http);
  }
  const token = gateway.token();
  expect(await find({}, { BEEP_PYTHON_HOME: gateway.home })).toEqual({ address: gateway.rpc, token });
});

test('what is named in the call goes before the environment, the environment before what is found', async () => {
  await using folder = await createTestFolder();
  const file = join(folder.path, 'token');
  writeFileSync(file, 'from-a-file\n');
  const env = {
    BEEP_PYTHON_HOME: gateway.home,
    BEEP_PYTHON_URL: 'http://other:1',
    BEEP_PYTHON_TOKEN: 'from-env',
    BEEP_PYTHON_TOKEN_FILE: file,
  };
  const named = { address: 'http://named:1', token: 'named' };
  expect(await find(named, env)).toEqual(named);
  expect(await find({}, env)).toEqual({ address: 'http://other:1', token: 'from-env' });
  expect((await find({}, { ...env, BEEP_PYTHON_TOKEN: '' })).token).toBe('from-a-file');
  expect((await find({ home: gateway.home }, env)).address).toBe(gateway.rpc);
});

test('an address without a scheme is the gateway that it names', async () => {
  const address = new URL(gateway.rpc).host;
  await using python = await connect({ home: gateway.home, address });
  expect((await python.run('6 * 7')).value).toBe(42);
  await expect(find({}, { BEEP_PYTHON_URL: 'tcp://x' })).rejects.toThrow(
    'BEEP_PYTHON_URL is no URL of a gateway: "tcp',
  );
});

test('a home without a gateway is an error that says what to start', async () => {
  await using folder = await createTestFolder();
  const missing = connect({ home: folder.path });
  await expect(missing).rejects.toMatchObject({ name: 'BeepError', reason: 'NO_GATEWAY' });
  await expect(missing).rejects.toThrow('start one with npm start');
  mkdirSync(join(folder.path, 'run'));
  writeFileSync(join(folder.path, 'run', 'gateway.json'), '{"pid"');
  await expect(connect({ home: folder.path })).rejects.toThrow('does not say where the gateway is');
});

test('a gateway that was killed is an error that says so', async () => {
  await using folder = await createTestFolder();
  mkdirSync(join(folder.path, 'run'));
  const said = JSON.parse(readFileSync(join(gateway.home, 'run', 'gateway.json'), 'utf8'));
  // No process has this number: Linux has fewer.
  writeFileSync(join(folder.path, 'run', 'gateway.json'), JSON.stringify({ ...said, pid: 2 ** 30 }));
  await expect(connect({ home: folder.path })).rejects.toThrow('ended without a word');
});

test('the token of this machine is never sent to another address', async () => {
  const seen: (string | undefined)[] = [];
  const stranger = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const address = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
  try {
    await using python = await connect({ home: gateway.home, address, protocol: 'connect', httpVersion: '1.1' });
    await expect(python.run('1')).rejects.toMatchObject({ reason: 'FOREIGN_ANSWER' });
    expect(seen).toEqual([undefined]);
  } finally {
    stranger.close();
  }
  // Its own address, also by another name, is no other.
  const own = gateway.http.replace('127.0.0.1', 'localhost');
  expect((await find({ home: gateway.home, address: own })).token).toBe(gateway.token());
});

test.each(['connect', 'grpc-web'] as const)('%s at the RPC port is told which port it is', async (protocol) => {
  const where = { address: gateway.rpc, token: gateway.token(), protocol };
  for (const open of [connect({ ...where, httpVersion: '1.1' }), connect(where), browser.connect(where)]) {
    await using python = await open;
    const refused = python.run('1');
    await expect(refused).rejects.toMatchObject({ reason: 'FOREIGN_ANSWER', retryable: false });
    await expect(refused).rejects.toThrow('or this is its RPC port, which speaks gRPC alone');
  }
});

test('nothing that listens is UNREACHABLE, and a token that is none is refused here', async () => {
  await using python = await connect({ address: 'http://127.0.0.1:1', token: 'x', reconnectTimeoutMs: 50 });
  await expect(python.run('1')).rejects.toMatchObject({ reason: 'UNREACHABLE', retryable: true });
  await expect(connect({ address: gateway.rpc, token: 'two words' })).rejects.toThrow('the token is no token');
});
