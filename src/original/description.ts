/** The original's routes, described for OpenAPI: from the tables that they are served from. */
import type { ObjectSchema, RouteDescription, Schema } from '../route-description.ts';
import { camelCase, type Field, type FieldTable, type Spelling } from './fields.ts';
import type { Answer, Row } from './row.ts';

/** How a format writes what the row says. */
export interface Described {
  readonly path: string;
  readonly tag: string;
  readonly spelling?: Spelling;
  /** Numbers are the whole answer, rather than its `data`. */
  readonly isBare?: boolean;
  readonly error: Schema;
  readonly hasBody?: boolean;
  readonly hasSession?: boolean;
}

/** One route. */
export function describeRow(row: Omit<Row, 'command'>, how: Described): RouteDescription {
  const { path, tag, error, spelling = camelCase, isBare = false, hasBody = true, hasSession = true } = how;
  const isOptional = !Object.values(row.fields).some(({ isRequired }) => isRequired);
  const body = { isOptional, content: jsonOf(bodySchema(row.fields, spelling)) };
  return {
    name: path.replace(/\W(\w)/g, (_, letter) => letter.toUpperCase()).replace(/^\W+/, ''),
    tag,
    summary: row.meaning,
    ...(hasSession && {
      headers: { 'X-Beep-Session': { type: 'string', description: 'Id of the session; none: your default session.' } },
    }),
    ...(hasBody && { body }),
    answers: { 200: { description: 'done', content: jsonOf(answerSchema(row.answer, spelling, isBare)) } },
    error,
  };
}

function jsonOf(schema: Schema) {
  return { 'application/json': { schema } };
}

function bodySchema(fields: FieldTable, spelling: Spelling): ObjectSchema {
  const entries = Object.entries(fields);
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, field]) => [spelling(name), fieldSchema(field)])),
    required: entries.filter(([, { isRequired }]) => isRequired).map(([name]) => spelling(name)),
  };
}

const types = { text: 'string', texts: 'array', list: 'array', object: 'object' } as const;

function fieldSchema({ kind, isRequired, meaning: description }: Field): Schema {
  if (kind === 'value') return { description };
  return {
    type: isRequired ? types[kind] : [types[kind], 'null'],
    ...(kind === 'texts' && { items: { type: 'string' } }),
    description,
  };
}

function answerSchema(answer: Answer, spelling: Spelling, isBare: boolean): Schema {
  if (typeof answer === 'object') {
    const entries = Object.entries(answer).map(([name, schema]) => [spelling(name), schema]);
    return { type: 'object', properties: Object.fromEntries(entries) };
  }
  const numbers = { type: 'array', items: { type: 'number' } };
  const data = answer === 'rows' ? { type: 'array', items: numbers } : numbers;
  if (isBare) return data;
  return { type: 'object', properties: { [spelling('data')]: data }, required: [spelling('data')] };
}
