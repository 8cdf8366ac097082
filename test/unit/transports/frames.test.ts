import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameSplitter, framed } from '../../../src/transports/frames.ts';
import { parseConnectTimeout, parseGrpcTimeout } from '../../../src/transports/timeout.ts';

test('messages come out as they went in, however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40_000 }), { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 30_000 }), { maxLength: 20 }),
      (messages, cuts) => {
        const wire = Buffer.concat(messages.flatMap(framed));
        const splitter = new FrameSplitter(40_000);
        const seen: Buffer[] = [];
        let at = 0;
        for (const cut of [...cuts, wire.length]) {
          if (at >= wire.length) break;
          splitter.push(wire.subarray(at, at + cut), (message) => seen.push(Buffer.from(message)));
          at += cut;
        }
        expect(seen.map((message) => message.toString('hex'))).toEqual(
          messages.map((message) => Buffer.from(message).toString('hex')),
        );
        expect(splitter.isInside).toBe(false);
      },
    ),
  );
});

test('a message beyond the limit is refused by its header', () => {
  expect(() => new FrameSplitter(10).push(Buffer.from([0, 0, 0, 0, 11]), () => {})).toThrow(/11 bytes, at most 10/);
  expect(() => new FrameSplitter(10).push(Buffer.from([0, 0, 0, 0, 10]), () => {})).not.toThrow();
});

test('many small messages in one piece cost no more than their bytes', () => {
  const wire = Buffer.concat(Array.from({ length: 200_000 }, () => Buffer.from([0, 0, 0, 0, 1, 7])));
  const startedAt = performance.now();
  let count = 0;
  new FrameSplitter(10).push(wire, () => count++);
  expect(count).toBe(200_000);
  expect(performance.now() - startedAt).toBeLessThan(2000);
});

test('a large message is not copied', () => {
  const message = new Uint8Array(100_000);
  expect(framed(message)[1]).toBe(message);
});

test.each([
  ['100m', 100],
  ['5S', 5000],
  ['1H', 3_600_000],
  ['1500u', 1.5],
  ['0n', 0],
  [undefined, undefined],
])('grpc-timeout %s is %s ms', (text, ms) => {
  expect(parseGrpcTimeout(text)).toBe(ms);
});

test.each(['', '5', 'S', '-1S', '1.5S', '123456789S', '1s', ' 1S'])('grpc-timeout %j is refused', (text) => {
  expect(() => parseGrpcTimeout(text)).toThrow(/malformed/);
});

test('connect-timeout-ms', () => {
  expect(parseConnectTimeout('250')).toBe(250);
  for (const text of ['', '-1', '1.5', '12345678901', 'x'])
    expect(() => parseConnectTimeout(text)).toThrow(/malformed/);
});
