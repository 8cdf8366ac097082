/** A reader whose stream ends over and over, by itself, its connection or the gateway, and who goes on by number each time. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { CallFailed, type Client, type Event } from '../matrix/client.ts';
import { expectWellFormed, output } from '../matrix/follow.ts';

/** What a reader needs. */
export interface Reattaching {
  /** A client of its own: breaking off may take its connections along. */
  readonly connect: () => Client;
  readonly sessionId: string;
  /** How often it breaks off, at least. */
  readonly times: number;
  readonly next: (bound: number) => number;
  /** Somebody cuts its connections: an error that the gateway did not say is no failure. */
  readonly isCut?: boolean;
}

/** How often a reader's stream ended too early. */
export interface Breaks {
  readonly all: number;
  /** Those that the gateway ended, with an error. */
  readonly refused: number;
}

/** Begins an execution, and follows it to its end. */
export async function reattach({ connect, sessionId, times, next, isCut = false }: Reattaching): Promise<Breaks> {
  const executionId = randomUUID();
  const count = times * 4;
  // Each line is an event of its own, since the stream changes; the pauses let the reader catch up with the code.
  const code = [
    'import sys, time',
    `for i in range(${count}):`,
    '    print(i, file=(sys.stdout, sys.stderr)[i % 2])',
    '    if i % 40 == 0: time.sleep(0.002)',
  ].join('\n');
  const events: Event[] = [];
  let client = connect();
  let [all, refused] = [0, 0];
  const broken = new Error('broken off');
  try {
    while (events.at(-1)?.type !== 'finished') {
      const from = (events.at(-1)?.seq ?? 0) + 1;
      const leaving = new AbortController();
      const { signal } = leaving;
      // One in four has so little time that the gateway may end it anywhere.
      const deadlineMs = next(4) === 0 ? 1 + next(20) : undefined;
      const stream =
        from === 1
          ? client.execute({ sessionId, executionId, code, detach: true }, { signal })
          : client.watch(executionId, from, { signal, deadlineMs });
      // One in eight goes before anything has come.
      let left = next(8);
      if (left === 0) setImmediate(() => leaving.abort(broken));
      try {
        for await (const event of stream) {
          if (event.type === 'heartbeat') continue;
          events.push(event);
          if (event.type === 'finished' || --left > 0) continue;
          all++;
          const way = next(4);
          if (way === 0) break; // it reads no more
          leaving.abort(broken); // the call ends
          if (way === 1) {
            client.close(); // and the connection, with all that is under way on it
            client = connect();
          }
          break;
        }
      } catch (error) {
        const reason = error instanceof CallFailed ? error.reason : undefined;
        const isRefused = reason === 'DEADLINE_EXCEEDED' && deadlineMs !== undefined;
        if (!signal.aborted && !isRefused && (reason !== undefined || !isCut)) throw error;
        all++;
        if (isRefused) refused++;
      }
    }
    expectWellFormed(events);
    const lines = (parity: number) => Array.from({ length: count / 2 }, (_, i) => `${i * 2 + parity}\n`).join('');
    expect(String(output(events, 'stdout'))).toBe(lines(0));
    expect(String(output(events, 'stderr'))).toBe(lines(1));
    return { all, refused };
  } finally {
    client.close();
  }
}
