/** `/sessions/{id}/objects`: large objects as bodies, both ways. */
import { create } from '@bufbuild/protobuf';
import { decoded, type Incoming, incomingMessage } from '../../../call.ts';
import { errors, toBeepError } from '../../../errors.ts';
import {
  ReadForm,
  type ReadHeader,
  ReadRequestSchema,
  type WriteHeader,
  WriteRequestSchema,
} from '../../../gen/es/beep/python/v1/object_pb.ts';
import { bytes, json } from '../answers.ts';
import { errorObject } from '../error-json.ts';
import type { RestAnswer, RestRequest, Route } from '../route.ts';
import { contentRangeFrom, rangeFrom } from './byte-range.ts';
import { checkedRequest, type PlainHandlers } from './handlers.ts';
import { aboutRead, aboutWrite } from './objects-description.ts';
import { itemLines, partsOf, type ReadParts } from './read-parts.ts';
import { tensorFrom } from './tensor-headers.ts';

/** The routes. */
export function objectRoutes(handlers: PlainHandlers): Route[] {
  return [
    {
      method: 'GET',
      path: '/sessions/{id}/objects/{handle}',
      about: aboutRead,
      handler: (request) => read(handlers, request),
    },
    {
      method: 'PUT',
      path: '/sessions/{id}/objects',
      about: aboutWrite,
      handler: (request) => write(handlers, request),
    },
  ];
}

const contentTypes: Partial<Record<ReadForm, string>> = {
  [ReadForm.ARROW]: 'application/vnd.apache.arrow.stream',
  [ReadForm.JSON_COLUMNS]: 'application/json',
  [ReadForm.ITEMS]: 'application/x-ndjson',
};

async function read(handlers: PlainHandlers, { call, params, query, headers }: RestRequest): Promise<RestAnswer> {
  // Objects have no versions that a validator could name: with `If-Range`, all of it is sent.
  const range = headers.has('if-range') ? undefined : rangeFrom(headers.get('range'));
  const request = checkedRequest(handlers, ReadRequestSchema, {
    sessionId: params.id,
    handleId: params.handle,
    form: formFrom(query.get('form')),
    offset: range?.offset ?? wholeNumber(query, 'offset', /^-?\d{1,18}$/),
    length: range?.length ?? wholeNumber(query, 'length', /^\d{1,18}$/),
  });
  let parts: ReadParts;
  try {
    parts = await partsOf(handlers.objects.read(request, call));
  } catch (error) {
    const { totalBytes } = toBeepError(error).metadata;
    if (range === undefined || totalBytes === undefined) throw error;
    return notSatisfiable(error, call.requestId, totalBytes);
  }
  const { header } = parts;
  if (header.form === ReadForm.ITEMS) return bytes(itemLines(parts), 200, headersOf(header));
  const { total, offset, length } = extent(header, request.message.length);
  if (range !== undefined && length === 0) {
    await parts.close();
    const why = errors.invalidArgument(`range begins at or behind the end: there are ${total} bytes`, {
      field: 'range',
    });
    return notSatisfiable(why, call.requestId, String(total));
  }
  const extra: Record<string, string> = { 'accept-ranges': 'bytes', 'content-length': String(length) };
  if (range !== undefined) extra['content-range'] = `bytes ${offset}-${offset + length - 1}/${total}`;
  return bytes(parts.data(), range === undefined ? 200 : 206, { ...headersOf(header), ...extra });
}

function extent({ totalBytes, offset }: ReadHeader, wanted: bigint) {
  const left = totalBytes - offset;
  const length = wanted > 0n && wanted < left ? wanted : left;
  return { total: Number(totalBytes), offset: Number(offset), length: Number(length) };
}

function headersOf({ form, tensor, offset }: ReadHeader): Record<string, string> {
  const headers: Record<string, string> = { 'x-beep-offset': String(offset) };
  const contentType = contentTypes[form];
  if (contentType !== undefined) headers['content-type'] = contentType;
  if (tensor !== undefined) {
    headers['x-beep-dtype'] = tensor.dtype;
    headers['x-beep-shape'] = tensor.shape.join(',');
  }
  return headers;
}

function notSatisfiable(error: unknown, requestId: string, total: string): RestAnswer {
  return json(errorObject(error, requestId), 416, { 'content-range': `bytes */${total}` });
}

async function write(handlers: PlainHandlers, request: RestRequest): Promise<RestAnswer> {
  const { call, params, query, headers } = request;
  const range = contentRangeFrom(headers.get('content-range'));
  const declared = headers.get('content-length');
  const total = range?.total ?? (declared === undefined ? undefined : BigInt(declared));
  if (total === undefined && !headers.has('transfer-encoding')) {
    // There, some clients cancel by what looks like the end of the body.
    throw errors.invalidArgument('over HTTP/2 a body needs its Content-Length', { field: 'content-length' });
  }
  const writeId = query.get('writeId') ?? '';
  if (range !== undefined && writeId === '') {
    throw errors.invalidArgument('Content-Range goes on with a write that has a name; add ?writeId=', {
      field: 'writeId',
    });
  }
  const header = {
    sessionId: params.id ?? '',
    assignTo: query.get('assignTo') ?? '',
    writeId,
    offset: range?.first ?? 0n,
    tensor: tensorFrom(headers, total),
    totalBytes: total ?? 0n,
  };
  const first = checkedRequest(handlers, WriteRequestSchema, { part: { case: 'header', value: header } });
  const answer = decoded(await handlers.objects.write(requestsOf(first, request), call));
  const { id = null, typeName = '', text = '', shape = [] } = answer.object ?? {};
  return json({ $ref: id, typeName, text, shape, receivedBytes: answer.receivedBytes });
}

type Request = Incoming<typeof WriteRequestSchema>;

async function* requestsOf(header: Request, request: RestRequest): AsyncGenerator<Request> {
  const body = request.bytes('application/octet-stream')[Symbol.asyncIterator]();
  try {
    let next = await body.next(); // what is refused is refused before anything is opened
    yield header;
    for (; !next.done; next = await body.next()) {
      const data = create(WriteRequestSchema, { part: { case: 'data', value: next.value } });
      yield incomingMessage(WriteRequestSchema, data);
    }
    if (header.message.part.case === 'header' && isOpenEnded(header.message.part.value)) yield endOfData;
  } finally {
    await body.return?.();
  }
}

const endOfData = incomingMessage(
  WriteRequestSchema,
  create(WriteRequestSchema, { part: { case: 'data', value: new Uint8Array() } }),
);

function isOpenEnded({ tensor, totalBytes }: WriteHeader): boolean {
  return tensor === undefined && totalBytes === 0n;
}

const forms: Readonly<Record<string, ReadForm>> = {
  auto: ReadForm.AUTO,
  bytes: ReadForm.BYTES,
  tensor: ReadForm.TENSOR,
  arrow: ReadForm.ARROW,
  items: ReadForm.ITEMS,
  jsonColumns: ReadForm.JSON_COLUMNS,
};

function formFrom(name: string | null): ReadForm {
  const form = name === null ? ReadForm.AUTO : forms[name];
  if (form !== undefined) return form;
  throw errors.invalidArgument(`form must be one of ${Object.keys(forms).join(', ')}`, { field: 'form' });
}

function wholeNumber(query: URLSearchParams, name: string, shape: RegExp): bigint | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (shape.test(text)) return BigInt(text);
  throw errors.invalidArgument(`${name} must be a whole number`, { field: name });
}
