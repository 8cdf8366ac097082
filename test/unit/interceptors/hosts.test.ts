import { expect, test } from 'vitest';
import type { Peer } from '../../../src/call.ts';
import { createHostCheck, isLoopback, parseHost } from '../../../src/interceptors/host.ts';
import { createOriginCheck } from '../../../src/interceptors/origin.ts';
import { findOwner } from '../../../src/interceptors/socket-owner.ts';
import { bearerToken, createTokenCheck } from '../../../src/interceptors/tokens.ts';

const peer = (localAddress: string, remoteAddress = '127.0.0.1', remotePort = 1, localPort = 2): Peer => ({
  listener: 'http',
  localAddress,
  remoteAddress,
  localPort,
  remotePort,
});

test.each([
  ['localhost', { name: 'localhost', port: '' }],
  ['LocalHost:80', { name: 'localhost', port: '80' }],
  ['[::1]:5678', { name: '::1', port: '5678' }],
  ['a-b.c_d.example', { name: 'a-b.c_d.example', port: '' }],
  ['', undefined],
  ['.', undefined],
  ['a b', undefined],
  ['a@b', undefined],
  ['a/b', undefined],
  ['a:b:c', undefined],
  ['[::1]x', undefined],
  ['größer', undefined],
])('host %j', (text, parsed) => {
  expect(parseHost(text)).toEqual(parsed);
});

test('an address is ours when the connection came to it', () => {
  const isOurs = createHostCheck(['Gateway.Example']);
  expect(isOurs('172.17.0.2:5678', peer('172.17.0.2'))).toBe(true);
  expect(isOurs('172.17.0.2', peer('::ffff:172.17.0.2'))).toBe(true);
  expect(isOurs('172.17.0.3', peer('172.17.0.2'))).toBe(false);
  expect(isOurs('gateway.example', peer('172.17.0.2'))).toBe(true);
});

test.each([
  ['127.0.0.1', true],
  ['127.8.0.1', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['10.0.0.1', false],
  ['::ffff:10.0.0.1', false],
  ['', false],
])('%s is loopback: %s', (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});

test('an allow-list with null in it allows nobody by it', () => {
  expect(createOriginCheck(['null'])('null', 'localhost', 1)).toBe(false);
});

test('tokens by name', () => {
  const nameOf = createTokenCheck([
    { name: 'default', token: 'one' },
    { name: 'ci', token: 'two' },
  ]);
  expect([nameOf('one'), nameOf('two'), nameOf('three'), nameOf('')]).toEqual(['default', 'ci', undefined, undefined]);
  expect(createTokenCheck([])('')).toBeUndefined();
});

test.each([
  ['Bearer abc', 'abc'],
  ['bearer  abc', 'abc'],
  ['Bearer', undefined],
  ['Bearer ', undefined],
  ['Bearer a b', undefined],
  ['Basic abc', undefined],
  ['xBearer abc', undefined],
  [undefined, undefined],
])('the token of %j is %s', (header, expected) => {
  expect(bearerToken(header)).toBe(expected);
});

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:C383 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1001        0 5 1 0 100 0 0 10 0
   1: 0100007F:D431 0100007F:162E 01 00000000:00000000 00:00000000 00000000  1000        0 71234 1 0 20 4 30 10 -1
   2: 0100007F:162E 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1002        0 71235 1 0 20 4 30 10 -1
   3: 0100007F:D432 0100007F:162E 06 00000000:00000000 03:00001770 00000000     0        0 0 3 0
`;

test('the owner of a connection is that of its other end, by the table of sockets', () => {
  expect(findOwner(table, peer('127.0.0.1', '127.0.0.1', 0xd431, 0x162e), false)).toBe(1000);
  expect(findOwner(table, peer('127.0.0.1', '127.0.0.1', 0xd433, 0x162e), false)).toBeUndefined();
});

test('an end that no process has any more has no owner, though the table says 0', () => {
  expect(findOwner(table, peer('127.0.0.1', '127.0.0.1', 0xd432, 0x162e), false)).toBeUndefined();
});

test('IPv6 and mapped addresses', () => {
  const line = (local: string, remote: string) =>
    `   1: ${local}:D431 ${remote}:162E 01 00000000:00000000 00:00000000 00000000  1000        0 71234 1\n`;
  const loopback6 = '00000000000000000000000001000000';
  const mapped = '0000000000000000FFFF00000100007F';
  expect(findOwner(line(loopback6, loopback6), peer('::1', '::1', 0xd431, 0x162e), true)).toBe(1000);
  expect(findOwner(line(mapped, mapped), peer('127.0.0.1', '127.0.0.1', 0xd431, 0x162e), true)).toBe(1000);
  expect(findOwner(line(mapped, mapped), peer('::ffff:127.0.0.1', '::ffff:127.0.0.1', 0xd431, 0x162e), true)).toBe(
    1000,
  );
});
