/** `GET /executions/{id}/output`: the bytes that an execution has written to one of its streams so far. */
import { decoded, type Outgoing } from '../../../call.ts';
import { errors } from '../../../errors.ts';
import { type OutputSchema, OutputStream, ReadOutputRequestSchema } from '../../../gen/es/beep/python/v1/execute_pb.ts';
import { bytes } from '../answers.ts';
import type { RestAnswer, RestRequest, Route } from '../route.ts';
import { checkedRequest, type PlainHandlers } from './handlers.ts';
import { aboutOutput } from './output-description.ts';

/** The route. */
export function outputRoutes(handlers: PlainHandlers): Route[] {
  return [
    {
      method: 'GET',
      path: '/executions/{id}/output',
      about: aboutOutput,
      handler: (request) => output(handlers, request),
    },
  ];
}

async function output(handlers: PlainHandlers, { call, params, query }: RestRequest): Promise<RestAnswer> {
  const request = checkedRequest(handlers, ReadOutputRequestSchema, {
    executionId: params.id,
    stream: streamFrom(query.get('stream')),
    offset: wholeNumber(query, 'offset', /^-?\d{1,18}$/),
    length: wholeNumber(query, 'length', /^\d{1,18}$/),
  });
  const pieces = handlers.execute.readOutput(request, call)[Symbol.asyncIterator]();
  const first = await pieces.next(); // what is refused at once is refused with its status
  const headers: Record<string, string> = first.done ? {} : { 'x-beep-offset': String(decoded(first.value).offset) };
  return bytes(dataOf(first, pieces), 200, headers);
}

type Pieces = AsyncIterator<Outgoing<typeof OutputSchema>>;

/** Bytes have no place for a gap: where one comes up, they break off. */
async function* dataOf(first: Awaited<ReturnType<Pieces['next']>>, pieces: Pieces): AsyncGenerator<Uint8Array> {
  let expected: bigint | undefined;
  try {
    for (let next = first; !next.done; next = await pieces.next()) {
      const { offset, data } = decoded(next.value);
      if (expected !== undefined && offset !== expected) throw errors.outputGone(expected, offset);
      expected = offset + BigInt(data.length);
      yield data;
    }
  } finally {
    await pieces.return?.();
  }
}

function streamFrom(name: string | null): OutputStream {
  if (name === 'stdout') return OutputStream.STDOUT;
  if (name === 'stderr') return OutputStream.STDERR;
  throw errors.invalidArgument('stream must be stdout or stderr', { field: 'stream' });
}

function wholeNumber(query: URLSearchParams, name: string, form: RegExp): bigint | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (form.test(text)) return BigInt(text);
  const what = name === 'offset' ? 'a whole number, negative to count from the end' : 'a whole number';
  throw errors.invalidArgument(`${name} must be ${what}`, { field: name });
}
