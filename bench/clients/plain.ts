/** The plain route, called as any program can: JSON over HTTP/1.1. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Context } from '../measure.ts';
import { code } from './gateway.ts';

/** What runs `1+1` in a session, once, over a connection that is kept. */
export function plainCall({ gateway, stack }: Context, sessionId: string): () => Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  stack.defer(() => agent.destroy());
  const url = new URL('/execute', gateway.httpUrl);
  const body = JSON.stringify({ code, sessionId });
  const headers = {
    authorization: gateway.authorization,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  return async () => {
    const call = request(url, { agent, method: 'POST', headers });
    call.end(body);
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    const answer = (await json(response)) as { outcome?: string; result?: unknown };
    if (answer.outcome !== 'OK' || answer.result !== 2) throw new Error(`1+1 gave ${JSON.stringify(answer)}`);
  };
}
