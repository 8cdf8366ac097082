/** The original's routes, described for OpenAPI: from the table that they are served from. */
import type { ObjectSchema, RouteDescription, Schema } from '../route-description.ts';
import { type Field, pascalCase } from './fields.ts';
import type { Row } from './table.ts';

/** How a format writes names, and what it is for. */
export type Format = 'api' | 'root' | 'rpc';

const tags: Readonly<Record<Format, string>> = {
  api: "The original's client",
  root: "The original's server",
  rpc: "The original's RPC client",
};

/** One route of a format. */
export function describeRow(row: Row, format: Format, path: string): RouteDescription {
  const named = (name: string) => (format === 'rpc' ? pascalCase(name) : name);
  return {
    name: path.replace(/\W(\w)/g, (_, letter) => letter.toUpperCase()).replace(/^\W+/, ''),
    tag: tags[format],
    summary: row.meaning,
    headers: { 'X-Beep-Session': { type: 'string', description: 'Id of the session; none: your default session.' } },
    body: { content: { 'application/json': { schema: bodyOf(row, named) } } },
    answers: {
      200: { description: 'done', content: { 'application/json': { schema: answerOf(row, format, named) } } },
    },
    error: format === 'root' ? detailSchema : errorSchema,
  };
}

function bodyOf(row: Row, named: (name: string) => string): ObjectSchema {
  const entries = Object.entries(row.fields);
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, field]) => [named(name), fieldSchema(field)])),
    required: entries.filter(([, { isRequired }]) => isRequired).map(([name]) => named(name)),
  };
}

const kinds: Readonly<Record<Field['kind'], string>> = { text: 'string', list: 'array', object: 'object', value: '' };

function fieldSchema({ kind, isRequired, meaning: description }: Field): Schema {
  if (kind === 'value') return { description };
  return { type: isRequired ? kinds[kind] : [kinds[kind], 'null'], description };
}

const answerKinds = { text: { type: 'string' }, flag: { type: 'boolean' }, value: {} } as const;

function answerOf(row: Row, format: Format, named: (name: string) => string): Schema {
  if (row.answer === 'numbers' || row.answer === 'rows') {
    const numbers = { type: 'array', items: { type: 'number' } };
    const data = row.answer === 'rows' ? { type: 'array', items: numbers } : numbers;
    if (format === 'api') return data;
    return { type: 'object', properties: { [named('data')]: data }, required: [named('data')] };
  }
  const entries = Object.entries(row.answer).map(([name, kind]) => [named(name), answerKinds[kind]]);
  return { type: 'object', properties: Object.fromEntries(entries) };
}

const errorSchema: Schema = {
  title: 'OriginalError',
  type: 'object',
  properties: {
    error: { type: 'string', description: 'What was wrong.' },
    reason: { type: 'string', description: 'A reason of the contract; `PYTHON_ERROR`: an exception.' },
    traceback: { type: 'string', description: "The exception's." },
  },
  required: ['error', 'reason'],
};

const detailSchema: Schema = {
  title: 'FastApiError',
  type: 'object',
  properties: {
    detail: { description: 'What was wrong: a text, or with status 422 a list of what each field lacks.' },
  },
  required: ['detail'],
};
