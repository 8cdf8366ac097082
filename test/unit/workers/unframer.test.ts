import fc from 'fast-check';
import { expect, test } from 'vitest';
import { giveBack, takeRoom } from '../../../src/workers/large-buffers.ts';
import { createUnframer, framed } from '../../../src/workers/unframer.ts';

const limit = 300 * 1024;

test('messages come out as they went in, however the bytes are cut, and keep what they are', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 20 }),
      (messages, cuts) => {
        const wire = Buffer.concat(messages.map(framed));
        const seen: Uint8Array[] = [];
        const take = createUnframer(limit, (message) => seen.push(message));
        const arrivals = Buffer.alloc(2000);
        for (let at = 0, i = 0; at < wire.length; i++) {
          // All of them come in at the same place.
          const length = wire.copy(arrivals, 0, at, at + (cuts[i % cuts.length] as number));
          take(arrivals.subarray(0, length));
          at += length;
        }
        expect(seen.map((message) => Buffer.from(message))).toEqual(messages.map((message) => Buffer.from(message)));
      },
    ),
  );
});

test('a message beyond the limit is refused by its length', () => {
  const take = createUnframer(limit, () => {});
  expect(() => take(framed(new Uint8Array(limit + 1)).subarray(0, 4))).toThrow(`at most ${limit}`);
});

test('large messages lie apart from each other, and one that was given back makes room for the next', () => {
  const seen: Uint8Array[] = [];
  const take = createUnframer(limit, (message) => seen.push(message));
  const large = (value: number, length: number) => take(framed(new Uint8Array(length).fill(value)));
  large(1, 100_000);
  large(2, 130_000);
  const [first, second] = seen as [Uint8Array, Uint8Array];
  expect(first.buffer).not.toBe(second.buffer);
  expect(first.every((byte) => byte === 1) && second.every((byte) => byte === 2)).toBe(true);
  giveBack(first);
  large(3, 120_000);
  const third = seen[2] as Uint8Array;
  expect(third.buffer).toBe(first.buffer);
  expect([third.length, third.every((byte) => byte === 3), second.every((byte) => byte === 2)]).toEqual([
    120_000,
    true,
    true,
  ]);
});

test('what is given back takes a few megabytes at most, and what is small or huge is not kept', () => {
  const rooms = Array.from({ length: 100 }, () => takeRoom(100_000));
  for (const room of rooms) giveBack(room);
  const places = new Set(rooms.map((room) => room.buffer));
  const again = Array.from({ length: 100 }, () => takeRoom(100_000));
  expect(again.filter((room) => places.has(room.buffer)).length).toBe(32);
  for (const length of [10, limit]) {
    const room = takeRoom(length);
    giveBack(room);
    expect(room.length).toBe(length);
    expect(takeRoom(100_000).buffer).not.toBe(room.buffer);
  }
});
