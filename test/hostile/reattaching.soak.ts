/** Ten thousand broken connections, over every transport, several readers at a time: the reader breaks off, or a stranger. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TransportName, transports } from '../matrix/transports.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { createProgress } from '../support/progress.ts';
import { createCutter } from './cutter.ts';
import { createNumbers } from './numbers.ts';
import { reattach } from './reattaching.ts';

const total = 10_000;
const names = Object.keys(transports) as TransportName[];

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

test.each([
  ['by their reader', false],
  ['by their reader and at any byte on their way', true],
])(
  `nothing is lost and nothing comes twice when streams end too early ${total} times %s, or by the gateway`,
  {
    timeout: 2_400_000,
  },
  async (how, isCut) => {
    const next = createNumbers(total);
    const progress = createProgress(`broken ${how}`, total);
    const token = gateway.token();
    await using http = await createCutter(gateway.http, next);
    await using rpc = await createCutter(gateway.rpc, next);
    const target = isCut ? { http: http.url, rpc: rpc.url, token } : { ...gateway, token };
    let [breaks, refused] = [0, 0];
    await Promise.all(
      names.map(async (name) => {
        const connect = () => transports[name](target);
        const client = transports[name]({ ...gateway, token });
        const { id: sessionId } = await client.createSession();
        for (let own = 0; own < total / names.length; ) {
          const more = await reattach({ connect, sessionId, times: 200, next, isCut });
          own += more.all;
          breaks += more.all;
          refused += more.refused;
          progress(more.all);
        }
        await client.closeSession(sessionId);
        client.close();
      }),
    );
    expect(breaks).toBeGreaterThanOrEqual(total);
    expect(refused).toBeGreaterThan(total / 40);
    if (isCut) expect(http.cuts + rpc.cuts).toBeGreaterThan(total / 20);
  },
);
