/** Large objects as the messages of Read and Write. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type ApplyRequestSchema,
  type ApplyResponse,
  ReadForm,
  type ReadRequestSchema,
  type ReadResponse,
  type WriteRequestSchema,
  type WriteResponse,
} from '../../src/gen/es/beep/python/v1/object_pb.ts';
import { ResultForm } from '../../src/gen/es/beep/python/v1/value_pb.ts';
import type { ObjectQuery, ObjectRead, ObjectToWrite, ObjectWritten } from './client.ts';

const forms = {
  bytes: ReadForm.BYTES,
  tensor: ReadForm.TENSOR,
  arrow: ReadForm.ARROW,
  items: ReadForm.ITEMS,
  jsonColumns: ReadForm.JSON_COLUMNS,
} as const;

export function readRequest(query: ObjectQuery): MessageInitShape<typeof ReadRequestSchema> {
  const { sessionId, handleId, offset = 0, length = 0, form } = query;
  return {
    sessionId,
    handleId,
    offset: BigInt(offset),
    length: BigInt(length),
    form: form === undefined ? ReadForm.AUTO : forms[form],
  };
}

export async function objectRead(responses: AsyncIterable<ReadResponse>): Promise<ObjectRead> {
  const iterator = responses[Symbol.asyncIterator]();
  const { value: first } = await iterator.next();
  const part = (first as ReadResponse).part;
  if (part.case !== 'header') throw new Error('the first part is no header');
  const { tensor, offset } = part.value;
  return {
    dtype: tensor?.dtype,
    shape: tensor?.shape.map(Number),
    offset: Number(offset),
    chunks: chunksOf({ [Symbol.asyncIterator]: () => iterator }),
  };
}

async function* chunksOf(responses: AsyncIterable<ReadResponse>): AsyncGenerator<Uint8Array> {
  for await (const { part } of responses) {
    if (part.case === 'data') yield part.value;
    else if (part.case === 'items') yield Buffer.from(linesOf(JSON.parse(part.value.json || '[]')));
    else throw new Error('a part of another kind');
  }
}

function linesOf(items: unknown[]): string {
  return items.map((item) => `${JSON.stringify(item)}\n`).join('');
}

export async function* writeRequests(
  { sessionId, dtype, shape = [], totalBytes = 0, assignTo = '', writeId = '', offset = 0 }: ObjectToWrite,
  data: AsyncIterable<Uint8Array>,
): AsyncGenerator<MessageInitShape<typeof WriteRequestSchema>> {
  const tensor = dtype === undefined ? undefined : { dtype, shape: shape.map(BigInt) };
  yield {
    part: {
      case: 'header',
      value: { sessionId, tensor, totalBytes: BigInt(totalBytes), assignTo, writeId, offset: BigInt(offset) },
    },
  };
  for await (const value of data) {
    if (value.length > 0) yield { part: { case: 'data', value: value as Uint8Array<ArrayBuffer> } };
  }
  if (tensor === undefined && totalBytes === 0) yield { part: { case: 'data', value: new Uint8Array() } };
}

export function objectWritten({ object, receivedBytes }: WriteResponse): ObjectWritten {
  return { handleId: object?.id, typeName: object?.typeName, receivedBytes: Number(receivedBytes) };
}

export function holdRequest(sessionId: string, expression: string): MessageInitShape<typeof ApplyRequestSchema> {
  const action = { case: 'evaluate', value: { expression } } as const;
  return { sessionId, operations: [{ action, result: { form: ResultForm.HANDLE } }] };
}

export function heldId({ results }: ApplyResponse): string {
  const id = results[0]?.handle?.id;
  if (id === undefined) throw new Error('it was not held');
  return id;
}
