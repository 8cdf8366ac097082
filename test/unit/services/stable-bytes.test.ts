/** Whatever the order of a map's entries, the same request is the same bytes. */
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { incomingBytes } from '../../../src/call.ts';
import { ExecuteRequestSchema } from '../../../src/gen/es/beep/python/v1/execute_pb.ts';
import { stableBytes } from '../../../src/services/stable-bytes.ts';

const entries = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), fc.string()), { selector: ([key]) => key });

/** A request with maps at every depth, their entries in an order of the sender's. */
function requestOf(order: (map: [string, string][]) => [string, string][], map: [string, string][]): Uint8Array {
  const texts = () => Object.fromEntries(order(map));
  const kwargs = () =>
    Object.fromEntries(order(map).map(([key, json]) => [key, { kind: { case: 'json', value: json } }]));
  const init = {
    where: { case: 'fresh', value: { env: texts(), labels: texts() } },
    source: { case: 'function', value: { name: 'f', kwargs: kwargs() } },
    env: texts(),
  } as MessageInitShape<typeof ExecuteRequestSchema>;
  return toBinary(ExecuteRequestSchema, create(ExecuteRequestSchema, init));
}

const stable = (bytes: Uint8Array) => stableBytes(ExecuteRequestSchema, incomingBytes(ExecuteRequestSchema, bytes));

test('in any order', () => {
  fc.assert(
    fc.property(entries, (map) => {
      const one = requestOf((given) => given, map);
      const other = requestOf((given) => given.toReversed(), map);
      expect(stable(one)).toEqual(stable(other));
      expect(fromBinary(ExecuteRequestSchema, stable(one))).toEqual(fromBinary(ExecuteRequestSchema, one));
    }),
  );
});

test('a sender that had no choice keeps its own bytes', () => {
  const bytes = requestOf((given) => given, [['a', '1']]);
  expect(stable(bytes)).toBe(bytes);
});

test('fields that are not known here are kept', () => {
  const unknown = Uint8Array.of(0xf2, 0xd4, 0x03, 1, 7); // field 7502, one byte
  const bytes = Uint8Array.of(
    ...requestOf(
      (given) => given,
      [
        ['b', '2'],
        ['a', '1'],
      ],
    ),
    ...unknown,
  );
  expect([...stable(bytes).slice(-unknown.length)]).toEqual([...unknown]);
});
