/** A caller of a gateway's VenvService. */
import { type Client, createClient, type Transport } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import type { Progress } from '../../src/gen/es/beep/python/v1/host_pb.ts';
import { type VenvResult, VenvService, type VenvUpdate } from '../../src/gen/es/beep/python/v1/venv_pb.ts';
import type { TestGateway } from './gateway.ts';

/** Its methods. */
export type VenvClient = Client<typeof VenvService>;

/** What a change told. */
export interface Told {
  readonly result: VenvResult;
  readonly progress: readonly Progress[];
}

/** A connection of its own over native gRPC, with a caller's token. */
export function connectTo(gateway: TestGateway, principal?: string): Transport {
  const authorization = `Bearer ${gateway.token(principal)}`;
  return createGrpcTransport({
    baseUrl: gateway.rpc,
    interceptors: [
      (next) => (request) => {
        request.header.set('authorization', authorization);
        return next(request);
      },
    ],
  });
}

/** One with a connection of its own. */
export function createVenvClient(gateway: TestGateway, principal?: string): VenvClient {
  return createClient(VenvService, connectTo(gateway, principal));
}

/** Reads a change to its end; `onProgress` is called with each word on the way. */
export async function told(
  updates: AsyncIterable<VenvUpdate>,
  onProgress: (progress: Progress) => void = () => {},
): Promise<Told> {
  const progress: Progress[] = [];
  let result: VenvResult | undefined;
  for await (const { update } of updates) {
    if (result !== undefined) throw new Error('something came after the result');
    if (update.case === 'result') result = update.value;
    if (update.case !== 'progress') continue;
    progress.push(update.value);
    onProgress(update.value);
  }
  if (result === undefined) throw new Error('there was no result');
  return { result, progress };
}

/** The changes of a result, such as `numpy 1.0 -> 2.0`; `-` stands for nothing. */
export function changesOf({ result }: Told): string[] {
  return result.changes.map(
    ({ name, oldVersion, newVersion }) => `${name} ${oldVersion || '-'} -> ${newVersion || '-'}`,
  );
}
