/** Keyword arguments. */

/** What `kwargs` makes. */
export class Keywords {
  readonly values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.values = values;
  }
}

/** Keyword arguments, last in a call: `RandomForestClassifier(kwargs({ n_estimators: 50 }))`. */
export function kwargs(values: Readonly<Record<string, unknown>>): Keywords {
  return new Keywords(values);
}

/** Positional arguments, and those by name. */
export function splitArguments(
  args: readonly unknown[],
): readonly [readonly unknown[], Readonly<Record<string, unknown>>] {
  const at = args.findIndex((argument) => argument instanceof Keywords);
  if (at < 0) return [args, {}];
  if (at < args.length - 1)
    throw new TypeError(`kwargs() is argument ${at + 1} of ${args.length}; it has to be the last`);
  return [args.slice(0, at), (args[at] as Keywords).values];
}
