/** SendInput: input for code that asks for it, or will. */
import { type Call, Encoded, type Incoming, type Outgoing } from '../call.ts';
import { BeepError, errors } from '../errors.ts';
import { type SendInputRequestSchema, SendInputResponseSchema } from '../gen/es/beep/python/v1/execute_pb.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import { askWorkers } from './executions-by-id.ts';
import { isWorkerLost, type LostExecutions } from './worker-loss.ts';

type SendInput = (
  request: Incoming<typeof SendInputRequestSchema>,
  call: Call,
) => Promise<Outgoing<typeof SendInputResponseSchema>>;

/** Makes the method, and its twin for callers who wait rather than be refused while the code does not read. */
export function createSendInput(directory: SessionDirectory, lost: LostExecutions) {
  const method =
    (waits: boolean): SendInput =>
    async (request, { principal, signal }) => {
      const { executionId } = request.message;
      try {
        return await askWorkers(directory, executionId, async (link) => {
          const action = { $case: 'sendInput', value: request.toBytes() } as const;
          return new Encoded(SendInputResponseSchema, await link.control({ principal, waits, action }, signal));
        });
      } catch (error) {
        const isGone = isWorkerLost(error) || (error instanceof BeepError && error.reason === 'EXECUTION_NOT_FOUND');
        throw isGone && lost.find(principal, executionId) !== undefined
          ? errors.inputNotExpected(executionId, 'ended', 'its worker was lost')
          : error;
      }
    };
  return { sendInput: method(false), sendInputWhenThereIsRoom: method(true) };
}
