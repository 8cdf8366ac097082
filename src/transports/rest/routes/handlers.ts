/** What the plain routes call: the same handlers as every other transport. */
import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { create } from '@bufbuild/protobuf';
import { type Call, type Incoming, incomingMessage, type ServiceImpl } from '../../../call.ts';
import type { ExecuteRequestSchema, ExecuteService } from '../../../gen/es/beep/python/v1/execute_pb.ts';
import type { ObjectService } from '../../../gen/es/beep/python/v1/object_pb.ts';
import { plainName } from './field-names.ts';

/** Handed in by the composition root. */
export interface PlainHandlers {
  readonly execute: Required<
    Pick<
      ServiceImpl<typeof ExecuteService>,
      | 'run'
      | 'execute'
      | 'watchExecution'
      | 'getExecution'
      | 'readOutput'
      | 'interrupt'
      | 'sendInput'
      | 'createSession'
      | 'getSession'
      | 'listSessions'
      | 'restartSession'
      | 'closeSession'
    >
  >;
  readonly objects: Required<Pick<ServiceImpl<typeof ObjectService>, 'read' | 'write'>>;
  /** Gives an execution its place and leaves it to itself. */
  readonly submit: (
    request: Incoming<typeof ExecuteRequestSchema>,
    call: Call,
  ) => Promise<{ executionId: string; sessionId: string }>;
  /** The rules of the proto files. Throws INVALID_ARGUMENT, with the names that `nameOf` gives to fields. */
  readonly check: (
    schema: DescMessage,
    message: MessageShape<DescMessage>,
    nameOf: (protoPath: string) => string,
  ) => void;
}

/** A request that has passed the rules of the proto files, like one that came in as protobuf. */
export function checkedRequest<D extends DescMessage>(
  { check }: PlainHandlers,
  schema: D,
  init: MessageInitShape<D>,
): Incoming<D> {
  const message = create(schema, init);
  check(schema, message, plainName);
  return incomingMessage(schema, message);
}
