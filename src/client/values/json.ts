/** The JSON text of values, with its tags, as JavaScript's values. */
import { ndArray } from './array.ts';
import { fromBase64 } from './base64.ts';
import { FrozenSet, Scalar, Tuple } from './kinds.ts';
import { decodeSurrogates } from './surrogates.ts';

/** Makes the object of a `$ref`. */
export type ObjectOf = (handle: { readonly id: string; readonly typeName?: string; readonly text?: string }) => unknown;

type Json = { [key: string]: unknown };

/** Keys that JavaScript moves to the front of an object. */
const isMoved = (key: string) => /^(0|[1-9]\d{0,9})$/.test(key);

/** The value of a text. A dict is an object; a Map where a key is no text, or one that JavaScript would move. */
export function parse(text: string, objectOf: ObjectOf): unknown {
  // Where keys would be moved, their order is in the text alone; digits in quotes before a colon are rare.
  const order = /"\d{1,10}"\s*:/.test(text) ? keysInOrder(text) : undefined;
  return decode(JSON.parse(text), objectOf, order);
}

function decode(value: unknown, objectOf: ObjectOf, order: Iterator<string[]> | undefined): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => decode(item, objectOf, order));
  const json = value as Json;
  const keys = order === undefined ? Object.keys(json) : (order.next().value as string[]);
  const [tag] = keys;
  if (tag?.startsWith('$') && (keys.length === 1 || tag === '$ref')) {
    const read = tags[tag];
    if (read !== undefined) return read(json[tag] as never, json, (inner) => decode(inner, objectOf, order), objectOf);
  }
  if (keys.some(isMoved)) return new Map(keys.map((key) => [key, decode(json[key], objectOf, order)]));
  const entries = keys.map((key) => [key, decode(json[key], objectOf, order)] as const);
  return Object.fromEntries(entries);
}

type Read = (content: never, whole: Json, inner: (value: unknown) => unknown, objectOf: ObjectOf) => unknown;

const tags: Readonly<Record<string, Read>> = {
  $int: (text: string) => integer(text),
  $float: (text: string) =>
    ({ nan: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY })[text],
  $str: (text: string) => decodeSurrogates(fromBase64(text)),
  $bytes: (text: string) => fromBase64(text),
  $tuple: (items: unknown[], _, inner) => Tuple.from(items, inner),
  $set: (items: unknown[], _, inner) => new Set(items.map(inner)),
  $frozenset: (items: unknown[], _, inner) => new FrozenSet(items.map(inner)),
  $dict: (entries: [unknown, unknown][], _, inner) => new Map(entries.map(([k, v]) => [inner(k), inner(v)] as const)),
  $scalar: ([typeName, text]: [string, string]) => new Scalar(typeName, text),
  $tensor: ({ dtype, shape, data }: { dtype: string; shape: number[]; data: string }, _, inner) => {
    inner({}); // its object has keys of its own, which are passed over
    return ndArray(dtype, shape, fromBase64(data));
  },
  $ref: (id: string, whole, _, objectOf) =>
    objectOf({ id, typeName: whole['typeName'] as string, text: whole['text'] as string }),
};

/** A number where that is exact, a bigint beyond. */
export function integer(value: string | bigint): number | bigint {
  const exact = BigInt(value);
  return exact <= 2n ** 53n && exact >= -(2n ** 53n) ? Number(exact) : exact;
}

/** The keys of each object of a text, as they stand, in the order in which the objects begin. */
function* keysInOrder(text: string): Generator<string[]> {
  const all: string[][] = [];
  const open: (string[] | undefined)[] = [];
  // Texts, with the colon behind them where they are keys, and brackets; all else has no part in it.
  for (const [token, string, colon] of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[[\]{}]/g)) {
    if (token === '{') {
      const keys: string[] = [];
      all.push(keys);
      open.push(keys);
    } else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (colon !== undefined) open.at(-1)?.push(JSON.parse(string as string));
  }
  yield* all;
}
