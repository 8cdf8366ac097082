/** Reading a stream of events while something else happens. */
import { expect } from 'vitest';
import type { Event } from './client.ts';

/** A stream that is being read. */
export interface Followed {
  /** The first event that fits, as soon as it has come. Rejects when the stream ends without one. */
  first<T extends Event['type']>(type: T): Promise<Extract<Event, { type: T }>>;
  /** All events, once the stream has ended. */
  readonly all: Promise<Event[]>;
}

/** Begins to read at once. */
export function follow(stream: AsyncIterable<Event>): Followed {
  const seen: Event[] = [];
  let stir = Promise.withResolvers<void>();
  const all = (async () => {
    for await (const event of stream) {
      seen.push(event);
      stir.resolve();
      stir = Promise.withResolvers();
    }
    return seen;
  })();
  const ended = all.then(
    () => true,
    () => true,
  );
  return {
    all,
    async first(type) {
      for (let isOver = false; ; ) {
        const event = seen.find((each) => each.type === type);
        if (event !== undefined) return event as never;
        if (isOver) await all.then(() => Promise.reject(new Error(`the stream ended without ${type}`)));
        isOver = (await Promise.race([stir.promise, ended])) === true;
      }
    },
  };
}

/** All events of a stream. */
export function collect(stream: AsyncIterable<Event>): Promise<Event[]> {
  return follow(stream).all;
}

/** Numbers without a gap from the first on, one id, and one end, which is last. */
export function expectWellFormed(events: readonly Event[], from = 1): void {
  const numbered = events.filter(({ type }) => type !== 'heartbeat');
  expect(numbered.map(({ seq }) => seq)).toEqual(numbered.map((_, index) => from + index));
  expect(new Set(numbered.map(({ executionId }) => executionId)).size).toBe(1);
  expect(numbered.filter(({ type }) => type === 'finished')).toEqual([numbered.at(-1)]);
}

/** The one event of a type. */
export function only<T extends Event['type']>(events: readonly Event[], type: T): Extract<Event, { type: T }> {
  const found = events.filter((event) => event.type === type);
  expect(found, `one event of type ${type}`).toHaveLength(1);
  return found[0] as never;
}

/** What one stream of the code wrote; its offsets must be those of its bytes. */
export function output(events: readonly Event[], type: 'stdout' | 'stderr'): Buffer {
  let offset = 0;
  const pieces: Buffer[] = [];
  for (const event of events) {
    if (event.type !== type) continue;
    expect(event.offset, `offset of ${type} at seq ${event.seq}`).toBe(offset);
    offset += event.data.length;
    pieces.push(event.data);
  }
  return Buffer.concat(pieces);
}
