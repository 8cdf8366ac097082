/** ObjectService: batches of operations on live objects, and the handles that callers hold. */
import { randomUUID } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { type Call, Encoded, type Incoming, incomingMessage, type Outgoing, type ServiceImpl } from '../call.ts';
import { InterruptRequestSchema } from '../gen/es/beep/python/v1/execute_pb.ts';
import {
  type ApplyRequestSchema,
  ApplyResponseSchema,
  ListHandlesRequestSchema,
  ListHandlesResponseSchema,
  type ObjectService,
  ReleaseHandlesRequestSchema,
  ReleaseHandlesResponseSchema,
} from '../gen/es/beep/python/v1/object_pb.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import type { Caller } from '../workers/attachment.ts';
import { createConverse, type RunningBatch } from './converse.ts';
import { createInterrupt } from './interrupt.ts';
import { defaultSession, namedSession, type SessionDefaults } from './locate.ts';
import { createLook } from './looking.ts';
import { createRead } from './read.ts';
import { createWrite } from './write.ts';

/** What the service needs. */
export interface ObjectServiceOptions {
  readonly directory: SessionDirectory;
  readonly defaults: SessionDefaults;
  /** How long a read waits for a reader who takes nothing. */
  readonly readStallTimeoutMs: number;
}

/** Makes the service. */
export function createObjectService({ directory, defaults, readStallTimeoutMs }: ObjectServiceOptions) {
  const interrupt = createInterrupt(directory);
  const begin = async (
    { message, toBytes }: Incoming<typeof ApplyRequestSchema>,
    principal: string,
    caller: Caller,
  ): Promise<RunningBatch> => {
    const id = message.batchId || randomUUID();
    const sessionId = message.sessionId || (await defaultSession(principal, directory, defaults));
    const item = { kind: 'batch', id, body: toBytes() } as const;
    return { id, sessionId, response: directory.attachment(principal, sessionId).result(item, caller) };
  };
  const stop = async ({ id, sessionId }: RunningBatch, call: Call) => {
    const request = create(InterruptRequestSchema, { sessionId, itemId: id });
    await interrupt(incomingMessage(InterruptRequestSchema, request), call);
  };

  const apply = async (request: Incoming<typeof ApplyRequestSchema>, call: Call) =>
    (await begin(request, call.principal, call)).response;

  return {
    async apply(
      request: Incoming<typeof ApplyRequestSchema>,
      call: Call,
    ): Promise<Outgoing<typeof ApplyResponseSchema>> {
      return new Encoded(ApplyResponseSchema, await apply(request, call));
    },
    converse: createConverse({ begin, stop }),
    read: createRead({ directory, apply, stallTimeoutMs: readStallTimeoutMs }),
    write: createWrite({ directory, defaults }),
    listHandles: createLook(directory)('listHandles', ListHandlesRequestSchema, ListHandlesResponseSchema),
    async releaseHandles(
      { message }: Incoming<typeof ReleaseHandlesRequestSchema>,
      call: Call,
    ): Promise<Outgoing<typeof ReleaseHandlesResponseSchema>> {
      const sessionId = namedSession(message.sessionId, call.principal, directory);
      const body = toBinary(ReleaseHandlesRequestSchema, message);
      const item = { kind: 'release', id: randomUUID(), body } as const;
      const answer = await directory.attachment(call.principal, sessionId).result(item, call);
      return new Encoded(ReleaseHandlesResponseSchema, answer);
    },
  } satisfies ServiceImpl<typeof ObjectService>;
}
