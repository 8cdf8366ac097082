/** Generated values out of a session and in again, over every transport. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPlainClient } from '../../matrix/plain.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { root } from '../setup/test-home.ts';
import { exchanges } from './exchanges.ts';

/** Python that makes the value of each number, and knows it again. */
const generator = readFileSync(join(root, 'python', 'tests', 'generated_values.py'), 'utf8');

/** Defines a test for each transport. */
export function testRoundTrips(count: number, timeout: number): void {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.stop());

  test.each(Object.entries(exchanges))(
    `%s: of ${count} generated values none is wrong or lost`,
    { timeout },
    async (_, createExchange) => {
      const exchange = createExchange(gateway);
      const client = createPlainClient(gateway.http, gateway.token(), 'ndjson');
      const { id } = await client.createSession();
      try {
        expect((await client.run({ sessionId: id, code: generator })).error).toBeNull();
        let { value } = await exchange.call(id, 'turn', -1);
        for (let number = 0; number < count; number++) {
          expect(value, `value ${number} did not come out`).toBeDefined();
          const answer = await exchange.call(id, 'turn', number, value);
          expect(answer.failure, `value ${number}`).toBeUndefined();
          value = answer.value;
        }
      } finally {
        exchange.close();
        await client.closeSession(id);
      }
    },
  );
}
