/** Enums of messages by the names that they have in the contract. */

/** The name of an enum's value; undefined for the one that is unspecified, and for one of a later contract. */
export function nameOf<Values extends Readonly<Record<string, number>>>(
  values: Values,
  value: number,
): Exclude<keyof Values & string, 'UNSPECIFIED'> | undefined {
  if (value === 0) return undefined;
  const name = Object.keys(values).find((name) => values[name] === value);
  return name as Exclude<keyof Values & string, 'UNSPECIFIED'> | undefined;
}
