/** Options by their names: one that nobody reads is a mistake, and is told before anything is sent. */

/** All names of some options. */
export type Names<Options> = Readonly<Record<keyof Options, true>>;

/** The options as they were given. Throws a TypeError for one that `what` does not have, with the name that is nearest. */
export function checked<Options extends object | undefined>(
  options: Options,
  names: Names<NonNullable<Options>>,
  what: string,
): Options {
  if (options === undefined) return options;
  if (typeof options !== 'object' || options === null) throw new TypeError(`the options of ${what} are no object`);
  for (const name in options) {
    if (Object.hasOwn(names, name)) continue;
    const known = Object.keys(names);
    const near = nearest(name, known);
    const hint = near === undefined ? `it has ${known.toSorted().join(', ')}` : `did you mean ${near}?`;
    throw new TypeError(`${what} has no option ${JSON.stringify(name)}; ${hint}`);
  }
  return options;
}

/** A value as it was given. Throws a TypeError where it is none of those that `what` takes, with the one that is nearest. */
export function chosen<Value extends string>(value: Value, values: readonly Value[], what: string): Value {
  if (values.includes(value)) return value;
  const near = nearest(String(value), values);
  const hint = near === undefined ? `there is ${values.map(quoted).join(', ')}` : `did you mean ${quoted(near)}?`;
  throw new TypeError(`${what} cannot be ${typeof value === 'string' ? quoted(value) : String(value)}; ${hint}`);
}

const quoted = (text: string) => JSON.stringify(text);

/** The name that was meant, as it seems: one that begins alike, or has few other letters. */
function nearest(name: string, names: readonly string[]): string | undefined {
  const given = letters(name);
  const scored = names.map((known) => {
    const other = letters(known);
    const isPart = given.length > 2 && (other.includes(given) || given.includes(other));
    return { known, score: isPart ? Math.abs(other.length - given.length) / 8 : distance(given, other) };
  });
  const [best] = scored.toSorted((a, b) => a.score - b.score);
  return best !== undefined && best.score <= Math.max(2, given.length / 3) ? best.known : undefined;
}

/** What stands between words, and how they begin, is what is often mistaken. */
function letters(name: string): string {
  return name.toLowerCase().replace(/[-_. ]/g, '');
}

/** How many letters have to be put in, left out or changed. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++) {
      const changed = (row[j] as number) + (from[i] === to[j] ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] as number) + 1, (next[j] as number) + 1));
    }
    row = next;
  }
  return row[to.length] as number;
}
