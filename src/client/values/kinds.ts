/** Python's types that JavaScript has no name for. */

/** A Python tuple: an array that is sent as a tuple. Made by `tuple(1, 2)`. */
export class Tuple<T = unknown> extends Array<T> {
  /** What is made of a tuple by `map`, `filter` and the like is an array. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

/** A tuple of these items. */
export function tuple<Items extends readonly unknown[]>(...items: Items): Tuple<Items[number]> {
  const made = new Tuple<Items[number]>();
  for (const item of items) made.push(item);
  return made;
}

/** A Python frozenset: a set that is sent as a frozenset. */
export class FrozenSet<T = unknown> extends Set<T> {}

/** A number that is a float in Python, whatever its value: JavaScript has one kind of number. Made by `float(2)`. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  valueOf(): number {
    return this.value;
  }

  toString(): string {
    return String(this.value);
  }
}

/** `float(2)` is Python's `2.0`; a bare `2` is its `2`. */
export function float(value: number): Float {
  return new Float(value);
}

/**
 * A scalar of Python in its textual form: a date, a Decimal, a UUID, a path, a complex number, a range ... It keeps
 * what JavaScript's own types would lose: microseconds, zones, digits.
 */
export class Scalar {
  /** The Python type, such as "datetime.datetime". */
  readonly typeName: string;
  /** ISO 8601 for dates and times, with the zone in brackets where it has one; the type's own text otherwise. */
  readonly text: string;

  constructor(typeName: string, text: string) {
    this.typeName = typeName;
    this.text = text;
  }

  /** The instant of a datetime with an offset, to the millisecond. Throws a TypeError for everything else. */
  toDate(): Date {
    const text = this.text.replace(/\[.*\]$/, '');
    if (this.typeName !== 'datetime.datetime' || !/(Z|[+-]\d\d:\d\d)$/.test(text)) {
      throw new TypeError(`${this.typeName} ${this.text} names no instant: a datetime with an offset does`);
    }
    return new Date(text.replace(/(\.\d{3})\d*/, '$1'));
  }

  toString(): string {
    return this.text;
  }
}

/** `scalar('decimal.Decimal', '1.10')`: a scalar by its Python type and its text. */
export function scalar(typeName: string, text: string): Scalar {
  return new Scalar(typeName, text);
}
