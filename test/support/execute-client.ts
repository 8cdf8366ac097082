/** A caller of a gateway's ExecuteService. */
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { ExecuteService } from '../../src/gen/es/beep/python/v1/execute_pb.ts';
import type { TestGateway } from './gateway.ts';

/** One with a connection of its own, over native gRPC. */
export function createExecuteClient(gateway: TestGateway, principal?: string) {
  const authorization = `Bearer ${gateway.token(principal)}`;
  return createClient(
    ExecuteService,
    createGrpcTransport({
      baseUrl: gateway.rpc,
      interceptors: [
        (next) => (request) => {
          request.header.set('authorization', authorization);
          return next(request);
        },
      ],
    }),
  );
}
