/** Lists over several workers: one order, whole, whatever the size of a page. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Session } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import { createExecuteClient } from '../support/execute-client.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';

let gateway: TestGateway;
let client: ReturnType<typeof createExecuteClient>;
const sessions: Session[] = [];
const executions: string[] = [];

beforeAll(async () => {
  gateway = await startGateway();
  client = createExecuteClient(gateway);
  // Sessions of one kind live on one worker: these are of several kinds.
  for (const module of ['colorsys', 'decimal', 'fractions', 'queue', 'shlex', 'string', 'textwrap', 'uuid']) {
    const session = await client.createSession({ spec: { preload: [module] } });
    const where = { case: 'sessionId', value: session.id } as const;
    const source = { case: 'code', value: `import ${module}` } as const;
    sessions.unshift(session);
    executions.unshift((await client.run({ where, source })).executionId);
  }
});
afterAll(() => gateway?.stop());

/** All that a list has, page by page. */
async function whole<T>(page: (pageToken: string) => Promise<{ found: T[]; nextPageToken: string }>): Promise<T[][]> {
  const pages: T[][] = [];
  let token = '';
  do {
    const { found, nextPageToken } = await page(token);
    pages.push(found);
    token = nextPageToken;
  } while (token !== '');
  return pages;
}

test('there is more than one worker', () => {
  expect(new Set(sessions.map(({ workerId }) => workerId)).size).toBeGreaterThan(1);
});

test.each([1, 3, 4, 8, 1000])('sessions come newest first in pages of %i', async (pageSize) => {
  const pages = await whole(async (pageToken) => {
    const { sessions, nextPageToken } = await client.listSessions({ pageSize, pageToken });
    return { found: sessions.map(({ id }) => id), nextPageToken };
  });
  expect(pages.flat()).toEqual(sessions.map(({ id }) => id));
  expect(pages).toHaveLength(Math.ceil(sessions.length / pageSize));
});

test.each([1, 3, 4, 8, 1000])('executions come newest first in pages of %i', async (pageSize) => {
  const pages = await whole(async (pageToken) => {
    const { executions, nextPageToken } = await client.listExecutions({ pageSize, pageToken });
    return { found: executions.map(({ executionId }) => executionId), nextPageToken };
  });
  expect(pages.flat()).toEqual(executions);
  expect(pages).toHaveLength(Math.ceil(executions.length / pageSize));
});

test('a page goes on where the one before it ended, also when that one is no longer there', async () => {
  const first = await client.listSessions({ pageSize: 3 });
  for (const { id } of first.sessions) await client.closeSession({ sessionId: id });
  const rest = await client.listSessions({ pageToken: first.nextPageToken });
  expect(rest.sessions.map(({ id }) => id)).toEqual(sessions.slice(3).map(({ id }) => id));
});
