/** Schemas of a body's fields, with the names of their readers in `fields.ts`. Null counts as absent. */
import type { ObjectSchema, Schema } from '../../../route-description.ts';

/** The field of the contract that the value becomes, or a text of its own. */
type About = { readonly field: string } | string;

/** A text. */
export function text(about: About, more: Schema = {}): Schema {
  return { type: ['string', 'null'], ...told(about), ...more };
}

/** True or false. */
export function flag(about: About): Schema {
  return { type: ['boolean', 'null'], ...told(about) };
}

/** A whole number from 0. */
export function count(about: About, maximum: number = Number.MAX_SAFE_INTEGER, more: Schema = {}): Schema {
  return { type: ['integer', 'null'], minimum: 0, maximum, ...told(about), ...more };
}

/** Seconds. */
export function duration(about: About, more: Schema = {}): Schema {
  return { type: ['number', 'null'], minimum: 0, ...told(about), ...more };
}

/** An object of texts. */
export function texts(about: About): Schema {
  return { type: ['object', 'null'], additionalProperties: { type: 'string' }, ...told(about) };
}

/** A list of texts. */
export function list(about: About): Schema {
  return { type: ['array', 'null'], items: { type: 'string' }, ...told(about) };
}

/** An object with fields of its own, and no others. */
export function object(properties: Readonly<Record<string, Schema>>, more: Schema = {}): ObjectSchema {
  return { type: 'object', properties, additionalProperties: false, ...more };
}

function told(about: About): Schema {
  return typeof about === 'string' ? { description: about } : { 'x-field': about.field };
}
