/** Interrupt: stops what runs in a session, or withdraws what waits. */
import { create, toBinary } from '@bufbuild/protobuf';
import { type Call, Encoded, type Incoming, type Outgoing } from '../call.ts';
import { BeepError, errors } from '../errors.ts';
import { InterruptRequestSchema, InterruptResponseSchema } from '../gen/es/beep/python/v1/execute_pb.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import type { WorkerLink } from '../workers/link.ts';
import { askWorkers } from './executions-by-id.ts';

/** Makes the method. */
export function createInterrupt(directory: SessionDirectory) {
  return async (
    request: Incoming<typeof InterruptRequestSchema>,
    { principal }: Call,
  ): Promise<Outgoing<typeof InterruptResponseSchema>> => {
    const { sessionId, itemId } = request.message;
    const control = async (link: WorkerLink, body: Uint8Array) =>
      new Encoded(
        InterruptResponseSchema,
        await link.control({ principal, waits: false, action: { $case: 'interrupt', value: body } }),
      );
    if (sessionId !== '') return control(directory.link(principal, sessionId), request.toBytes());
    if (itemId !== '') {
      return askWorkers(directory, itemId, (link) => control(link, request.toBytes())).catch((error: unknown) => {
        throw error instanceof BeepError && error.reason === 'EXECUTION_NOT_FOUND'
          ? errors.nothingRunning(itemId)
          : error;
      });
    }
    const own = directory.findDefault(principal);
    if (own === undefined) throw errors.nothingRunning('the default session');
    const named = create(InterruptRequestSchema, { ...request.message, sessionId: own });
    return control(directory.link(principal, own), toBinary(InterruptRequestSchema, named));
  };
}
