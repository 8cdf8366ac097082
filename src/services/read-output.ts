/** ReadOutput: what an execution has written, by stream and offset, while it runs and as long as its log is kept. */
import { type Call, Encoded, type Incoming, type Outgoing } from '../call.ts';
import { errors } from '../errors.ts';
import { OutputSchema, type ReadOutputRequestSchema } from '../gen/es/beep/python/v1/execute_pb.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import type { Claims } from './claims.ts';
import { askWorkers, explainMissing, isNotFound } from './executions-by-id.ts';
import { isWorkerLost, type LostExecutions } from './worker-loss.ts';

/** What reading output needs. */
export interface ReadOutputOptions {
  readonly directory: SessionDirectory;
  readonly claims: Claims;
  readonly lost: LostExecutions;
}

/** So much is asked for at once: what a reader that stops costs. */
const pieceBytes = 256 * 1024;

/** Makes the method. */
export function createReadOutput({ directory, claims, lost }: ReadOutputOptions) {
  return async function* readOutput(
    { message }: Incoming<typeof ReadOutputRequestSchema>,
    call: Call,
  ): AsyncGenerator<Outgoing<typeof OutputSchema>> {
    const { executionId, stream, length } = message;
    const { principal, signal } = call;
    const request = { principal, executionId, stream };
    try {
      // The first answer says where the end is just now; what is written from then on is not waited for.
      let offset = message.offset;
      const { link, piece: first } = await askWorkers(directory, executionId, async (link) => ({
        link,
        piece: await link.readOutput({ ...request, offset, maxBytes: pieceOf(length || undefined) }, signal),
      }));
      const start = offset >= 0n ? offset : max(0n, first.endOffset + offset);
      const end = length > 0n ? start + length : first.endOffset;
      for (let piece = first; piece.outputs.length > 0; ) {
        for (const output of piece.outputs) yield new Encoded(OutputSchema, output);
        offset = piece.nextOffset;
        if (offset >= end) return;
        piece = await link.readOutput({ ...request, offset, maxBytes: pieceOf(end - offset) }, signal);
      }
    } catch (error) {
      const isLost = lost.find(principal, executionId) !== undefined && (isNotFound(error) || isWorkerLost(error));
      if (isLost) throw errors.logExpired(executionId, 'its worker was lost');
      throw explainMissing(error, { claims, directory }, principal, executionId);
    }
  };
}

/** What to ask for when so much is wanted; undefined: all. */
function pieceOf(wanted: bigint | undefined): number {
  return wanted !== undefined && wanted < pieceBytes ? Number(wanted) : pieceBytes;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
