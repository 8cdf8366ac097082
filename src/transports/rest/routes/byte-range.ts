/** `Range` and `Content-Range`: https://www.rfc-editor.org/rfc/rfc9110#section-14 */
import { errors } from '../../../errors.ts';

/** What a read is asked for: a negative offset counts from the end, a length of 0 goes to the end. */
export interface ByteRange {
  readonly offset: bigint;
  readonly length: bigint;
}

/**
 * The one range that a request asks for; undefined where it asks for none, or in a form that is to be ignored. Several at
 * once are refused: their answer would have another form than the object's.
 */
export function rangeFrom(header: string | undefined): ByteRange | undefined {
  const match = /^bytes=\s*(\d{0,18})-(\d{0,18})\s*(,.*)?$/.exec(header ?? '');
  if (match === null) return undefined;
  const [, first = '', last = '', more] = match;
  if (more !== undefined)
    throw errors.invalidArgument('one range at a time: ask for the others one by one', { field: 'range' });
  if (first === '') return last === '' || BigInt(last) === 0n ? undefined : { offset: -BigInt(last), length: 0n };
  if (last === '') return { offset: BigInt(first), length: 0n };
  const length = BigInt(last) - BigInt(first) + 1n;
  return length <= 0n ? undefined : { offset: BigInt(first), length };
}

/** Where the bytes of a body stand in their object; without `first` it only asks how many have come. */
export interface ContentRange {
  readonly first: bigint | undefined;
  readonly total: bigint;
}

/** Throws INVALID_ARGUMENT for one that is malformed. */
export function contentRangeFrom(header: string | undefined): ContentRange | undefined {
  if (header === undefined) return undefined;
  const match = /^bytes (?:(\d{1,18})-(\d{1,18})|\*)\/(\d{1,18})$/.exec(header);
  const [, first, last, total] = match ?? [];
  if (
    total === undefined ||
    (first !== undefined && !(BigInt(first) <= BigInt(last as string) && BigInt(last as string) < BigInt(total)))
  ) {
    throw errors.invalidArgument(
      'Content-Range must be such as "bytes 1048576-2097151/2097152", or "bytes */2097152"',
      {
        field: 'content-range',
      },
    );
  }
  return { first: first === undefined ? undefined : BigInt(first), total: BigInt(total) };
}
