/** Every way in. */
import {
  createConnectTransport as createNodeConnectTransport,
  createGrpcWebTransport as createNodeGrpcWebTransport,
  Http2SessionManager,
} from '@connectrpc/connect-node';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';
import type { Client, Target } from './client.ts';
import { createConnectClient } from './connect.ts';
import { createGrpcClient } from './grpc.ts';
import { createPlainClient } from './plain.ts';

/** How a client of each transport is made. */
export const transports = {
  'native gRPC': ({ rpc, token }: Target): Client => createGrpcClient(rpc, token),
  'gRPC over h2c on the HTTP port': ({ http, token }: Target): Client => createGrpcClient(http, token),
  'gRPC-Web': ({ http, token }: Target): Client =>
    createConnectClient(
      createGrpcWebTransport({ baseUrl: http }),
      token,
      undefined,
      createNodeGrpcWebTransport({ baseUrl: http, httpVersion: '1.1' }),
    ),
  'Connect binary': ({ http, token }: Target): Client => {
    const sessionManager = new Http2SessionManager(http);
    return createConnectClient(
      createNodeConnectTransport({ baseUrl: http, httpVersion: '2', useBinaryFormat: true, sessionManager }),
      token,
      () => sessionManager.abort(),
    );
  },
  'Connect JSON': ({ http, token }: Target): Client =>
    createConnectClient(
      createConnectTransport({ baseUrl: http, useBinaryFormat: false }),
      token,
      undefined,
      createNodeConnectTransport({ baseUrl: http, httpVersion: '1.1', useBinaryFormat: false }),
    ),
  'plain routes with NDJSON': ({ http, token }: Target): Client => createPlainClient(http, token, 'ndjson'),
  'plain routes with SSE': ({ http, token }: Target): Client => createPlainClient(http, token, 'sse'),
} as const;

/** The name of a transport. */
export type TransportName = keyof typeof transports;
