/** A reader that stops costs little: handlers are not asked for more than fits into the buffers on the way. */
import { request as http1Request } from 'node:http';
import { connect } from 'node:http2';
import { describe, expect, test } from 'vitest';
import { bytes } from '../../../src/transports/rest/answers.ts';
import { abortOf, authorization, startGateway } from './gateway.ts';

/** Beside what we hold, the kernel's socket buffers take some megabytes on loopback. */
const mostBytes = 8 * 1024 * 1024;
const eventBytes = 64 * 1024;

function frame(text: string): Buffer {
  // ExecuteRequest{code = 5}
  const message = Buffer.concat([Buffer.from([0x2a, text.length]), Buffer.from(text)]);
  return Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);
}

/** Waits until a number has stopped growing. */
async function settled(read: () => number): Promise<number> {
  for (let last = -1; ; ) {
    const now = read();
    if (now === last) return now;
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

describe.each([
  ['grpc on the RPC port', 'rpcPort', 'application/grpc'],
  ['grpc on the HTTP port', 'httpPort', 'application/grpc'],
  ['gRPC-Web over HTTP/2', 'httpPort', 'application/grpc-web+proto'],
  ['Connect over HTTP/2', 'httpPort', 'application/connect+proto'],
] as const)('%s', (_, port, type) => {
  test('a reader that stops stops the handler, and one that leaves ends it', async () => {
    await using gateway = await startGateway();
    const session = connect(`http://127.0.0.1:${gateway[port]}`, { settings: { initialWindowSize: 65_535 } });
    const stream = session.request({
      ':method': 'POST',
      ':path': '/beep.python.v1.ExecuteService/Execute',
      'content-type': type,
      authorization,
    });
    stream.on('error', () => {});
    stream.end(frame('flood'));
    await new Promise((resolve) => stream.once('response', resolve));
    stream.pause();
    const made = await settled(() => gateway.observed.flooded);
    // One window, one buffer of each stream on the way: a megabyte at most, without the kernel's.
    expect(made * eventBytes).toBeLessThan(1024 * 1024);
    stream.close();
    expect(await abortOf(gateway.observed, 'flood')).toBe('ended');
    session.destroy();
  });
});

describe.each([
  ['gRPC-Web over HTTP/1.1', '/beep.python.v1.ExecuteService/Execute', 'application/grpc-web+proto'],
  ['Connect over HTTP/1.1', '/beep.python.v1.ExecuteService/Execute', 'application/connect+proto'],
  ['a plain route', '/flood', 'application/json'],
])('%s', (_, path, type) => {
  test('a reader that stops stops the handler, and one that leaves ends it', async () => {
    let hasEnded = false;
    let routeEvents = 0;
    const endless = async function* () {
      try {
        for (;;) {
          routeEvents++;
          yield new Uint8Array(eventBytes);
        }
      } finally {
        hasEnded = true;
      }
    };
    await using gateway = await startGateway({
      routes: [{ method: 'POST', path: '/flood', handler: () => bytes(endless()) }],
    });
    const request = http1Request({
      host: '127.0.0.1',
      port: gateway.httpPort,
      method: 'POST',
      path,
      headers: { authorization, 'content-type': type },
      agent: false,
    });
    request.on('error', () => {});
    const response = await new Promise<import('node:http').IncomingMessage>((resolve) => {
      request.on('response', resolve);
      request.end(frame('flood'));
    });
    response.on('error', () => {});
    response.pause();
    const made = await settled(() => gateway.observed.flooded + routeEvents);
    expect(made * eventBytes).toBeLessThan(mostBytes);
    request.destroy();
    if (path === '/flood') await expect.poll(() => hasEnded).toBe(true);
    else expect(await abortOf(gateway.observed, 'flood')).toBe('ended');
  });
});

test('a handler that takes no messages slows its caller down', async () => {
  await using gateway = await startGateway();
  const session = connect(`http://127.0.0.1:${gateway.rpcPort}`);
  const stream = session.request({
    ':method': 'POST',
    ':path': '/beep.python.v1.ObjectService/Converse',
    'content-type': 'application/grpc',
    authorization,
  });
  stream.on('error', () => {});
  stream.resume();
  let taken = 0;
  const pump = () => {
    stream.write(converseCancel(eventBytes), (error) => {
      if (error) return;
      taken += eventBytes;
      pump();
    });
  };
  pump();
  // The stream's window, and the messages that may wait for the handler.
  expect(await settled(() => taken)).toBeLessThan(4 * 1024 * 1024);
  stream.close();
  session.destroy();
});

/** ConverseRequest{cancel = 2: {}} with an unknown field of so many bytes. */
function converseCancel(bytes: number): Buffer {
  const filling = Buffer.alloc(bytes);
  const length = [(bytes & 0x7f) | 0x80, ((bytes >> 7) & 0x7f) | 0x80, bytes >> 14];
  const message = Buffer.concat([Buffer.from([0x12, 0, 0xfa, 0x01, ...length]), filling]);
  const header = Buffer.alloc(5);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}
