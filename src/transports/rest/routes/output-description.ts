/** `GET /executions/{id}/output`, described. */
import type { RouteDescription } from '../../../route-description.ts';
import { whole } from './answer-schemas.ts';

/** The route. */
export const aboutOutput: RouteDescription = {
  name: 'readOutput',
  tag: 'Executions',
  summary: 'The bytes that an execution has written to one of its streams so far',
  query: {
    stream: { type: 'string', enum: ['stdout', 'stderr'] },
    offset: {
      type: 'integer',
      minimum: -1e15,
      maximum: 1e15,
      description: 'The first byte wanted; negative: counted from the end.',
    },
    length: {
      type: 'integer',
      minimum: 0,
      maximum: 1e15,
      description: 'Bytes wanted; none: all that there is so far.',
    },
  },
  requiredQuery: ['stream'],
  answers: {
    200: {
      description: 'the bytes',
      content: { 'application/octet-stream': { schema: {} } },
      headers: { 'X-Beep-Offset': whole('Of the first byte of the answer; not there where the answer is empty.') },
    },
  },
  refusals: ['INVALID_ARGUMENT', 'EXECUTION_NOT_FOUND', 'LOG_EXPIRED', 'READER_TOO_SLOW'],
};
