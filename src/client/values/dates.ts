/** JavaScript's points in time, `Date` and Temporal's, as scalars. */
import { Scalar } from './kinds.ts';

/** Temporal's classes by their tag, since not every engine has them; their texts are ISO 8601 and RFC 9557. */
const temporal: Readonly<Record<string, string>> = {
  'Temporal.Instant': 'datetime.datetime',
  'Temporal.ZonedDateTime': 'datetime.datetime',
  'Temporal.PlainDateTime': 'datetime.datetime',
  'Temporal.PlainDate': 'datetime.date',
  'Temporal.PlainTime': 'datetime.time',
  'Temporal.Duration': 'datetime.timedelta',
};

/**
 * A `Date` is a datetime in UTC; Temporal's classes are what they are called. Undefined for anything else. Throws a
 * RangeError for a date that is none.
 */
export function scalarOf(value: object): Scalar | undefined {
  if (value instanceof Date) {
    const text = value.toISOString().replace('Z', '+00:00');
    if (!/^\d{4}-/.test(text)) throw new RangeError(`the year is beyond Python's, 1 to 9999: ${text}`);
    return new Scalar('datetime.datetime', text);
  }
  const typeName = temporal[(value as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] ?? ''];
  if (typeName === undefined) return undefined;
  return new Scalar(typeName, String(value).replace(/Z$/, '+00:00'));
}
