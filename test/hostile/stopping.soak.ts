/** Interrupts at every moment of short executions, for a long time: each hits the one that it names, or nothing. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CallFailed, type Client } from '../matrix/client.ts';
import { expectWellFormed, follow } from '../matrix/follow.ts';
import { type TransportName, transports } from '../matrix/transports.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';

const rounds = 2000;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

test.each(Object.keys(transports) as TransportName[])(
  '%s: of two executions the interrupt of one never hits the other',
  { timeout: 600_000 },
  async (name) => {
    const client: Client = transports[name]({ ...gateway, token: gateway.token() });
    const { id: sessionId } = await client.createSession();
    const outcomes = new Map<string | null, number>();
    for (let round = 0; round < rounds; round++) {
      const executionId = randomUUID();
      const code = `for _ in range(${(round % 200) * 300}): pass`;
      const first = follow(client.execute({ sessionId, executionId, code }));
      await first.first('accepted');
      const second = client.run({ sessionId, code: 'for _ in range(2000): pass\n"whole"' });
      await client.interrupt({ executionId }).catch((error) => {
        if (!(error instanceof CallFailed) || error.reason !== 'NOTHING_RUNNING') throw error;
      });
      const events = await first.all;
      expectWellFormed(events);
      const end = events.at(-1);
      expect(end).toMatchObject({ type: 'finished', statePreserved: true, generation: 1 });
      const outcome = end?.type === 'finished' ? end.outcome : null;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      expect(await second).toMatchObject({ outcome: 'OK', value: { text: '"whole"' }, generation: 1 });
    }
    for (const outcome of outcomes.keys()) expect(['OK', 'INTERRUPTED', 'CANCELLED']).toContain(outcome);
    await client.closeSession(sessionId);
    client.close();
  },
);
