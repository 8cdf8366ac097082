/** Complete, CheckComplete, Inspect, ListVariables, DumpStacks: what is in a session, while its code runs too. */
import { create, type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { type Call, Encoded, type Incoming, type Outgoing } from '../call.ts';
import {
  CheckCompleteRequestSchema,
  CheckCompleteResponseSchema,
  CompleteRequestSchema,
  CompleteResponseSchema,
  DumpStacksRequestSchema,
  DumpStacksResponseSchema,
  InspectRequestSchema,
  InspectResponseSchema,
  ListVariablesRequestSchema,
  ListVariablesResponseSchema,
} from '../gen/es/beep/python/v1/execute_pb.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import type { WorkerLink } from '../workers/link.ts';
import { namedSession } from './locate.ts';

type Action = NonNullable<Parameters<WorkerLink['control']>[0]['action']>['$case'];

/** Makes what makes such a method: its request names a session, and the worker answers beside what runs there. */
export function createLook(directory: SessionDirectory) {
  return <I extends DescMessage, O extends DescMessage>($case: Action, input: I, output: O) =>
    async (request: Incoming<I>, { principal, signal }: Call): Promise<Outgoing<O>> => {
      const message = request.message as MessageShape<I> & { readonly sessionId: string };
      const sessionId = namedSession(message.sessionId, principal, directory);
      const isNamed = message.sessionId !== '';
      const value = isNamed ? request.toBytes() : toBinary(input, create(input, { ...message, sessionId } as never));
      const link = directory.link(principal, sessionId);
      return new Encoded(output, await link.control({ principal, waits: false, action: { $case, value } }, signal));
    };
}

/** Makes the methods. */
export function createLooking(directory: SessionDirectory) {
  const method = createLook(directory);
  return {
    complete: method('complete', CompleteRequestSchema, CompleteResponseSchema),
    checkComplete: method('checkComplete', CheckCompleteRequestSchema, CheckCompleteResponseSchema),
    inspect: method('inspect', InspectRequestSchema, InspectResponseSchema),
    listVariables: method('listVariables', ListVariablesRequestSchema, ListVariablesResponseSchema),
    dumpStacks: method('dumpStacks', DumpStacksRequestSchema, DumpStacksResponseSchema),
  };
}
