/** ListExecutions: the caller's executions on all workers whose logs are kept, newest first. */
import { create, fromBinary } from '@bufbuild/protobuf';
import type { Call, Incoming } from '../call.ts';
import {
  type ExecutionInfo,
  ExecutionInfoSchema,
  type ListExecutionsRequest,
  type ListExecutionsRequestSchema,
  type ListExecutionsResponse,
  ListExecutionsResponseSchema,
} from '../gen/es/beep/python/v1/execute_pb.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import type { ExecutionPlace, ListedExecution } from '../workers/link.ts';
import type { PageTokens } from './page-tokens.ts';
import { askAllWorkers, nanosecondsOf, pageOf, pageSizeOf, partsOf, placeOf } from './pages.ts';
import type { LostExecutions } from './worker-loss.ts';

/** Makes the method. */
export function createListExecutions(directory: SessionDirectory, tokens: PageTokens, lost: LostExecutions) {
  return async (
    request: Incoming<typeof ListExecutionsRequestSchema>,
    { principal }: Call,
  ): Promise<ListExecutionsResponse> => {
    const { message } = request;
    const list = ['executions', principal, message.sessionId, [...new Set(message.states)].sort()];
    const behind = tokens.read(list, message.pageToken);
    const size = pageSizeOf(message);
    // A worker may have many more than one page holds: each sends no more than the page could take, and one that follows.
    const wanted = { principal, request: request.toBytes(), limit: size + 1, before: beforeOf(behind) };
    const all = await askAllWorkers(directory, (link) => link.listExecutions(wanted));
    const found = all.map(({ place, info }: ListedExecution) => ({
      info: () => fromBinary(ExecutionInfoSchema, info),
      place: placeOf(place?.acceptedNs ?? 0n, place?.executionId ?? ''),
    }));
    const gone = lost.of(principal).filter((info) => isWanted(message, info));
    for (const info of gone)
      found.push({ info: () => info, place: placeOf(nanosecondsOf(info.acceptedAt), info.executionId) });
    const { page, next } = pageOf(found, behind, size);
    return create(ListExecutionsResponseSchema, {
      executions: page.map(({ info }) => info()),
      nextPageToken: next === undefined ? '' : tokens.make(list, next),
    });
  };
}

/** Of those that went with their worker; it has filtered the others. */
function isWanted({ sessionId, states }: ListExecutionsRequest, info: ExecutionInfo): boolean {
  return (sessionId === '' || sessionId === info.sessionId) && (states.length === 0 || states.includes(info.state));
}

function beforeOf(behind: string): ExecutionPlace | undefined {
  if (behind === '') return undefined;
  const { ns, id } = partsOf(behind);
  return { acceptedNs: ns, executionId: id };
}
