/** Spans of time: milliseconds here, `google.protobuf.Duration` in messages. */
import type { Duration, Timestamp } from '@bufbuild/protobuf/wkt';

/** Milliseconds as a message; undefined stays undefined. Throws a RangeError for what is no span of time. */
export function durationOf(
  ms: number | undefined,
  name: string,
): { readonly seconds: bigint; readonly nanos: number } | undefined {
  if (ms === undefined) return undefined;
  if (!Number.isFinite(ms) || ms < 0)
    throw new RangeError(`${name} cannot be ${ms}: it is a number of milliseconds, 0 or more`);
  const seconds = Math.floor(ms / 1000);
  return { seconds: BigInt(seconds), nanos: Math.round((ms - seconds * 1000) * 1e6) % 1e9 };
}

/** A message as milliseconds; 0 where there is none. */
export function millisecondsOf(duration: Duration | undefined): number {
  return duration === undefined ? 0 : Number(duration.seconds) * 1000 + duration.nanos / 1e6;
}

/** A point in time, to the millisecond; undefined where there is none. */
export function dateOf(timestamp: Timestamp | undefined): Date | undefined {
  return timestamp === undefined
    ? undefined
    : new Date(Number(timestamp.seconds) * 1000 + Math.floor(timestamp.nanos / 1e6));
}
