/** Fields of a JSON body, each checked for its type. Null counts as absent; a field that is not known is refused. */
import { create } from '@bufbuild/protobuf';
import { type Duration, DurationSchema } from '@bufbuild/protobuf/wkt';
import { errors } from '../../../errors.ts';
import type { ObjectSchema } from '../../../route-description.ts';
import { nearestName } from './nearest-name.ts';

/** The fields of one object. Every reader throws INVALID_ARGUMENT for a value of another type. */
export interface Fields {
  text(name: string): string | undefined;
  flag(name: string): boolean | undefined;
  /** A whole number from 0 to `most`, or to what fits 53 bits. */
  count(name: string, most?: number): number | undefined;
  /** Seconds from 0 to `most`. */
  duration(name: string, most: number): Duration | undefined;
  texts(name: string): Record<string, string>;
  list(name: string): string[];
  /** One with fields of its own; those of its schema are all that it may have. */
  object(name: string, schema: ObjectSchema): Fields | undefined;
}

/** The fields of a body; those of its schema are all that it may have. Throws INVALID_ARGUMENT for another one. */
export function fieldsOf(value: unknown, schema: ObjectSchema, path = ''): Fields {
  if (!isObject(value)) throw errors.invalidArgument(`${path || 'body'} must be a JSON object`);
  const object = value;
  const known = Object.keys(schema.properties);
  const at = (name: string) => `${path}${name}`;
  for (const name of Object.keys(object)) {
    if (known.includes(name)) continue;
    const nearest = nearestName(name, known);
    throw errors.unknownField(at(name), nearest === undefined ? undefined : at(nearest), known.map(at));
  }
  const read = <T>(name: string, what: string, is: (value: unknown) => value is T): T | undefined => {
    const given = Object.hasOwn(object, name) ? object[name] : undefined;
    if (given === undefined || given === null) return undefined;
    if (is(given)) return given;
    throw errors.invalidArgument(`${at(name)} must be ${what}`, { field: at(name) });
  };
  return {
    text: (name) => wellFormed(at(name), read(name, 'a text', isString)),
    flag: (name) => read(name, 'true or false', (given) => typeof given === 'boolean'),
    count: (name, most = Number.MAX_SAFE_INTEGER) =>
      read(
        name,
        `a whole number from 0 to ${most}`,
        (given): given is number => Number.isSafeInteger(given) && (given as number) >= 0 && (given as number) <= most,
      ),
    duration(name, most) {
      const seconds = read(name, `a number of seconds from 0 to ${most}`, isSeconds(most));
      return seconds === undefined ? undefined : secondsToDuration(seconds);
    },
    texts: (name) =>
      wellFormed(
        at(name),
        read(
          name,
          'an object of texts',
          (given): given is Record<string, string> => isObject(given) && Object.values(given).every(isString),
        ),
      ) ?? {},
    list: (name) =>
      wellFormed(
        at(name),
        read(name, 'a list of texts', (given): given is string[] => Array.isArray(given) && given.every(isString)),
      ) ?? [],
    object(name, schema) {
      const given = read(name, 'an object', isObject);
      return given === undefined ? undefined : fieldsOf(given, schema, `${at(name)}.`);
    },
  };
}

/** A number from 0 to `most` from a query, such as `?wait=2.5`. Throws INVALID_ARGUMENT. */
export function secondsFromQuery(query: URLSearchParams, name: string, most: number): Duration | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const seconds = Number(text);
  if (text.trim() === '' || !isSeconds(most)(seconds)) {
    throw errors.invalidArgument(`${name} must be a number of seconds from 0 to ${most}`, { field: name });
  }
  return secondsToDuration(seconds);
}

/** `true` or `false` from a query. Throws INVALID_ARGUMENT. */
export function flagFromQuery(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (text !== 'true' && text !== 'false') {
    throw errors.invalidArgument(`${name} must be true or false`, { field: name });
  }
  return text === 'true';
}

/** A whole number from a query, such as `?pageSize=10`. Throws INVALID_ARGUMENT. */
export function countFromQuery(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,9}$/.test(text)) {
    throw errors.invalidArgument(`${name} must be a whole number that is not negative`, { field: name });
  }
  return Number(text);
}

/** A sequence number from a query or a header. Throws INVALID_ARGUMENT. */
export function seqFrom(text: string | null | undefined, name: string): bigint | undefined {
  if (text === null || text === undefined) return undefined;
  if (!/^\d{1,18}$/.test(text))
    throw errors.invalidArgument(`${name} must be a sequence number, such as 1`, { field: name });
  return BigInt(text);
}

/** The most that a uint32 of the proto files can be. */
export const maxUint32 = 2 ** 32 - 1;

/** Bounds of times, in seconds, as the proto files have them. */
export const mostSeconds = { span: 31_536_000, wait: 86_400, grace: 3600 } as const;

function isSeconds(most: number) {
  return (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= most;
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

/** A lone surrogate has no UTF-8: on its way to Python it would silently become another character. */
function wellFormed<T extends string | string[] | Record<string, string>>(
  field: string,
  given: T | undefined,
): T | undefined {
  const texts = typeof given === 'string' ? [given] : Object.values(given ?? {});
  if (texts.every((text) => text.isWellFormed())) return given;
  throw errors.invalidArgument(`${field} has half of a surrogate pair, which no text can have; send whole characters`, {
    field,
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function secondsToDuration(seconds: number): Duration {
  const whole = Math.floor(seconds);
  return create(DurationSchema, { seconds: BigInt(whole), nanos: Math.floor((seconds - whole) * 1e9) });
}
