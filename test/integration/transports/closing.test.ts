/** How the ports end: calls under way may finish, nothing new begins, and what does not finish is cut off. */
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { authorization, code, executeClient, protocols, startGateway } from './gateway.ts';

test.each(protocols)('%s: a call under way ends well, and then the port is closed', async (protocol) => {
  const gateway = await startGateway();
  const client = executeClient(gateway, protocol);
  const events: number[] = [];
  let closing: Promise<void> | undefined;
  for await (const { seq } of client.execute(code('count 200'))) {
    events.push(Number(seq));
    closing ??= gateway.close(5000);
  }
  expect(events).toHaveLength(200);
  await closing;
  await expect(client.run(code('x'))).rejects.toThrow();
});

test.each(protocols)('%s: a call that does not end is cut off after the grace', async (protocol) => {
  const gateway = await startGateway();
  const events = executeClient(gateway, protocol).execute(code('hang'))[Symbol.asyncIterator]();
  await events.next();
  const startedAt = performance.now();
  const ended = events.next().catch((error) => error);
  await gateway.close(200);
  expect(performance.now() - startedAt).toBeLessThan(3000);
  expect(await ended).toBeInstanceOf(Error);
});

test('idle connections do not hold the end up', async () => {
  const gateway = await startGateway();
  await executeClient(gateway, 'grpc rpc').run(code('x'));
  await executeClient(gateway, 'connect json 1.1').run(code('x'));
  const silent = connect({ host: '127.0.0.1', port: gateway.rpcPort });
  await new Promise((resolve) => silent.once('connect', resolve));
  const startedAt = performance.now();
  await gateway.close(20_000);
  expect(performance.now() - startedAt).toBeLessThan(3000);
  silent.destroy();
});

test('a port that is taken opens neither', async () => {
  await using first = await startGateway();
  await expect(startGateway({ httpPort: 0, rpcPort: first.rpcPort })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('one port alone', async () => {
  await using gateway = await startGateway({ httpPort: undefined });
  expect((await executeClient(gateway, 'grpc rpc').run(code('x'))).text).toBe('x');
  expect(gateway.httpPort).toBe(0);
});

test('connections beyond the cap are refused, the others live', async () => {
  await using gateway = await startGateway({ maxConnections: 2 });
  const open = async () => {
    const socket = connect({ host: '127.0.0.1', port: gateway.httpPort });
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('connect', resolve));
    return socket;
  };
  const [first, second] = [await open(), await open()];
  const third = await open();
  await new Promise((resolve) => third.once('close', resolve));
  first.write(`GET /health HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n\r\n`);
  expect((await new Promise<Buffer>((resolve) => first.once('data', resolve))).toString()).toContain('200 OK');
  first.destroy();
  second.destroy();
});
