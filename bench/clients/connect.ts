/** The HTTP port, called with connect-node in the protocols that it speaks. */
import { createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { ExecuteService } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import type { Context } from '../measure.ts';
import { checkTwo, code } from './gateway.ts';

/** A protocol of the HTTP port. */
export type Protocol = 'grpc' | 'connect' | 'connect-json';

/** What runs `1+1` in a session, once, over a connection that is kept. */
export function connectCall({ gateway, stack }: Context, sessionId: string, protocol: Protocol): () => Promise<void> {
  const baseUrl = gateway.httpUrl;
  const sessionManager = new Http2SessionManager(baseUrl);
  stack.defer(() => sessionManager.abort());
  const transport =
    protocol === 'grpc'
      ? createGrpcTransport({ baseUrl, sessionManager })
      : createConnectTransport({ baseUrl, httpVersion: '2', sessionManager, useBinaryFormat: protocol === 'connect' });
  const client = createClient(ExecuteService, transport);
  const headers = { authorization: gateway.authorization };
  return async () => {
    const where = { case: 'sessionId', value: sessionId } as const;
    const source = { case: 'code', value: code } as const;
    checkTwo(await client.run({ where, source }, { headers }));
  };
}
