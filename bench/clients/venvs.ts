/** What measures do with environments over native gRPC. */
import { once } from 'node:events';
import type { DescMessage, DescMethod, MessageInitShape } from '@bufbuild/protobuf';
import type { VenvResult, VenvUpdateSchema } from '../../src/gen/es/beep/python/v1/venv_pb.ts';
import type { GrpcCaller } from './grpc.ts';

type Change<I extends DescMessage> = DescMethod & { readonly input: I; readonly output: typeof VenvUpdateSchema };

/** Does a change and reads its updates to the end. */
export async function change<I extends DescMessage>(
  caller: GrpcCaller,
  method: Change<I>,
  request: MessageInitShape<I>,
): Promise<VenvResult> {
  const updates = caller.serverStream(method, request);
  const ended = once(updates, 'end');
  let result: VenvResult | undefined;
  updates.on('data', ({ update }) => {
    if (update.case === 'result') result = update.value;
  });
  await ended;
  if (result === undefined) throw new Error('the change had no result');
  return result;
}
