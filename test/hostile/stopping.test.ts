/** Code of every kind, stopped for every cause: what the caller is told is true, and comes in time. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client, Ending } from '../matrix/client.ts';
import { expectWellFormed, follow } from '../matrix/follow.ts';
import { transports } from '../matrix/transports.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { stoppedCode } from './stopped-code.ts';

const graceMs = 1200;
const boundMs = 2000;
const timeoutSeconds = 0.7;

let gateway: TestGateway;
let client: Client;
beforeAll(async () => {
  gateway = await startGateway({ flags: ['--interrupt-grace-ms', String(graceMs)] });
  client = transports['native gRPC']({ ...gateway, token: gateway.token() });
});
afterAll(async () => {
  client.close();
  await gateway.stop();
});

/** How each cause is brought about, once the code is up. */
const causes: Record<string, { outcome: string; stop(executionId: string, leaving: AbortController): unknown }> = {
  interrupt: { outcome: 'INTERRUPTED', stop: (executionId) => client.interrupt({ executionId }) },
  timeout: { outcome: 'TIMEOUT', stop() {} },
  departure: { outcome: 'CANCELLED', stop: (_, leaving) => leaving.abort() },
  kill: { outcome: 'INTERRUPTED', stop: (executionId) => client.interrupt({ executionId }, { kill: true }) },
};

describe.each(Object.entries(stoppedCode))('%s', (_, { code, stoppedBy, outcome, dies }) => {
  test.each(Object.entries(causes))('%s', async (cause, { outcome: otherwise, stop }) => {
    const { id: sessionId } = await client.createSession();
    await client.run({ sessionId, code: 'kept = 1' });
    const executionId = randomUUID();
    const leaving = new AbortController();
    const request = { sessionId, executionId, code, ...(cause === 'timeout' && { timeoutSeconds }) };
    const reading = follow(client.execute(request, { signal: leaving.signal }));
    await reading.first('stdout');
    const startedAt = performance.now();
    await stop(executionId, leaving);
    const events = await reading.all.catch(() => undefined);
    expect(events === undefined).toBe(cause === 'departure');
    if (events !== undefined) expectWellFormed(events);
    const end = events?.at(-1) ?? (await client.get(executionId, 20)).result;
    const tookMs = performance.now() - startedAt;
    const rung = cause === 'kill' ? 'KILL' : stoppedBy;
    const isKept = rung !== 'KILL' && dies !== true;
    expect(end).toMatchObject({
      outcome: cause === 'interrupt' ? (outcome ?? otherwise) : otherwise,
      stoppedBy: rung,
      statePreserved: isKept,
      generation: isKept ? 1 : 2,
    } satisfies Partial<Ending>);
    expect(tookMs).toBeLessThan(graceMs + boundMs + (cause === 'timeout' ? timeoutSeconds * 1000 : 0));
    const after = await client.run({ sessionId, code: '"kept" in globals()' });
    expect(after).toMatchObject({ outcome: 'OK', value: { text: String(isKept) } });
    await client.closeSession(sessionId);
  });
});
