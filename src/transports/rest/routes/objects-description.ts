/** `/sessions/{id}/objects`, described. */
import type { Content, RouteDescription, Schema } from '../../../route-description.ts';
import { jsonAnswer, nullable, string, whole } from './answer-schemas.ts';

const tag = 'Objects';

const dtype = string('numpy\'s type string, such as "<f8"; not there for plain bytes.');
const shape = string('Lengths with commas between them, such as "2,3"; empty: a scalar.');

const contents: Content = {
  'application/octet-stream': { schema: {} },
  'application/vnd.apache.arrow.stream': { schema: {} },
  'application/x-ndjson': { schema: { type: 'string', description: 'One item as JSON on each line.' } },
  'application/json': { schema: { description: 'A table as columns.' } },
};

const headers: Readonly<Record<string, Schema>> = {
  'X-Beep-Dtype': dtype,
  'X-Beep-Shape': shape,
  'X-Beep-Offset': whole('Of the first byte of the answer.'),
};

/** `GET /sessions/{id}/objects/{handle}` */
export const aboutRead: RouteDescription = {
  name: 'readObject',
  tag,
  summary: 'Read a large array, bytes, a table or an iterator',
  params: { handle: { type: 'string', minLength: 1, maxLength: 128, description: 'Id of the handle.' } },
  query: {
    form: {
      type: 'string',
      enum: ['auto', 'bytes', 'tensor', 'arrow', 'items', 'jsonColumns'],
      description: 'None: by the type of the object.',
    },
    offset: {
      type: 'integer',
      minimum: -1e15,
      maximum: 1e15,
      description: 'The first byte wanted; negative: from the end.',
    },
    length: { type: 'integer', minimum: 0, maximum: 1e15, description: 'Bytes wanted; none: all that there are.' },
  },
  headers: {
    Range: { type: 'string', description: 'One range, such as `bytes=0-1023`; instead of `offset` and `length`.' },
  },
  answers: {
    200: { description: 'the object', content: contents, headers },
    206: { description: 'the range', content: contents, headers },
    416: { ...jsonAnswer('the range begins at or behind the end', { $ref: '#/components/schemas/Error' }) },
  },
  refusals: ['INVALID_ARGUMENT', 'SESSION_NOT_FOUND', 'HANDLE_NOT_FOUND', 'STALE_HANDLE', 'CONVERSION_FAILED'],
};

const written = {
  typeName: string(),
  text: string('A short, bounded text of the object.'),
  shape: { type: 'array', items: whole() },
  receivedBytes: whole('How much of it is there.'),
};

/** `PUT /sessions/{id}/objects` */
export const aboutWrite: RouteDescription = {
  name: 'writeObject',
  tag,
  summary: 'Make an object of bytes, or an array of its elements',
  query: {
    assignTo: { type: 'string', maxLength: 1024, description: "A name that it gets in the session's globals." },
    writeId: {
      type: 'string',
      pattern: '^[A-Za-z0-9._:-]{0,128}$',
      description: 'Yours to choose; a broken write goes on by it, with `Content-Range`.',
    },
  },
  headers: {
    'X-Beep-Dtype': dtype,
    'X-Beep-Shape': shape,
    'Content-Range': {
      type: 'string',
      pattern: '^bytes (\\d{1,18}-\\d{1,18}|\\*)/\\d{1,18}$',
      description:
        'Where the body stands, such as `bytes 1048576-2097151/2097152`; `bytes */2097152` asks how much is there.',
    },
  },
  body: { isOptional: true, content: { 'application/octet-stream': { schema: {} } } },
  answers: {
    200: jsonAnswer('what is there of it', {
      type: 'object',
      properties: written,
      // Tools take a member called `$ref` for a reference, wherever it stands.
      patternProperties: { '^\\$ref$': nullable(string('Id of the handle; null: more of it has to come.')) },
      required: ['$ref', ...Object.keys(written)],
    }),
  },
  refusals: ['INVALID_ARGUMENT', 'SESSION_NOT_FOUND', 'QUOTA_EXCEEDED'],
};
