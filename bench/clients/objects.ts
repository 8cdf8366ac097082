/** Batches on live objects, by Apply and on a Converse stream. */
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type ApplyRequestSchema,
  type ApplyResponse,
  type ConverseRequestSchema,
  type ConverseResponse,
  ObjectService,
  type OperationSchema,
} from '../../src/gen/es/beep/python/v1/object_pb.ts';
import { PythonValueSchema, ResultForm } from '../../src/gen/es/beep/python/v1/value_pb.ts';
import type { GrpcCaller } from './grpc.ts';

/** One operation, as its fields. */
export type Operation = Exclude<MessageInitShape<typeof OperationSchema>, { $typeName: string }>;

/** A conversation: many batches on one stream. */
export interface Conversation extends Disposable {
  apply(sessionId: string, operations: Operation[]): Promise<ApplyResponse>;
}

/** Begins one. */
export function converse(caller: GrpcCaller): Conversation {
  const stream = caller.bidiStream(ObjectService.method.converse);
  const waiting = new Map<number, PromiseWithResolvers<ApplyResponse>>();
  let last = 0;
  stream.on('data', ({ id, response, failure }: ConverseResponse) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (response === undefined) asked?.reject(new Error(failure?.message));
    else asked?.resolve(response);
  });
  stream.on('error', (error) => {
    for (const { reject } of waiting.values()) reject(error);
  });
  return {
    apply(sessionId, operations) {
      const id = ++last;
      const asked = Promise.withResolvers<ApplyResponse>();
      waiting.set(id, asked);
      const request: MessageInitShape<typeof ConverseRequestSchema> = {
        message: { case: 'batch', value: { id, request: { sessionId, operations } } },
      };
      stream.write(request as never);
      return asked.promise;
    },
    [Symbol.dispose]: () => stream.end(),
  };
}

/** One batch by itself. */
export function apply(
  caller: GrpcCaller,
  sessionId: string,
  operations: Operation[],
  release: string[] = [],
): Promise<ApplyResponse> {
  const request: MessageInitShape<typeof ApplyRequestSchema> = { sessionId, operations, release };
  return caller.unary(ObjectService.method.apply, request);
}

/** What an expression gives, by handle. */
export async function hold(caller: GrpcCaller, sessionId: string, expression: string): Promise<string> {
  const { results } = await apply(caller, sessionId, [
    { action: { case: 'evaluate', value: { expression } }, result: { form: ResultForm.HANDLE } },
  ]);
  const id = results[0]?.handle?.id;
  if (id === undefined) throw new Error(`${expression} gave no handle`);
  return id;
}

/** `1+1` on a stream, checked. */
export async function evaluate(stream: Conversation, sessionId: string): Promise<void> {
  const { results } = await stream.apply(sessionId, [
    { action: { case: 'evaluate', value: { expression: '1+1' } }, result: { form: ResultForm.VALUE } },
  ]);
  const kind = results[0]?.value?.kind;
  if (kind?.case !== 'integer' || kind.value !== 2n) throw new Error('1+1 was not 2');
}

/** A call of a method with one integer. */
export function callMethod(target: string | number, method: string, argument: bigint): Operation {
  const kind =
    typeof target === 'string'
      ? ({ case: 'handleId', value: target } as const)
      : ({ case: 'result', value: target } as const);
  const value = create(PythonValueSchema, { kind: { case: 'integer', value: argument } });
  return {
    target: { kind },
    path: [method],
    action: { case: 'call', value: { args: [{ kind: { case: 'value', value } }] } },
  };
}
