/** Schemas of what answers are made of. */
import type { DescEnum } from '@bufbuild/protobuf';
import type { Schema } from '../../../route-description.ts';

/** The schema of every field that a function writes; a field more or less does not compile. */
export type SchemasOf<T> = { readonly [name in keyof Required<T>]: Schema };

/** A text. */
export function string(description?: string, more: Schema = {}): Schema {
  return { type: 'string', ...(description !== undefined && { description }), ...more };
}

/** A whole number that is not negative. */
export function whole(description?: string): Schema {
  return { type: 'integer', minimum: 0, ...(description !== undefined && { description }) };
}

/** Seconds, with a fraction. */
export function seconds(description?: string): Schema {
  return { type: 'number', minimum: 0, ...(description !== undefined && { description }) };
}

/** True or false. */
export function boolean(description?: string): Schema {
  return { type: 'boolean', ...(description !== undefined && { description }) };
}

/** A time as ISO 8601, or null. */
export function time(description?: string): Schema {
  return { type: ['string', 'null'], format: 'date-time', ...(description !== undefined && { description }) };
}

/** What `enumName` writes. */
export function nameOf(schema: DescEnum, description?: string): Schema {
  const names = schema.values.filter(({ number }) => number !== 0).map(({ localName }) => localName);
  return { enum: [...names, null], ...(description !== undefined && { description }) };
}

/** The same or null. */
export function nullable(schema: Schema): Schema {
  return { ...schema, type: [schema.type as string, 'null'] };
}

/** An answer of JSON. */
export function jsonAnswer(description: string, schema: Schema, example?: unknown) {
  return { description, content: { 'application/json': { schema, ...(example !== undefined && { example }) } } };
}
