/** What stands after the name in `venv create`: the model of a provider, as the original had it, or packages. */

/** How the words are read. */
export interface Meant {
  /** The name is a provider's, and this is the model. */
  readonly model: string | undefined;
  readonly packages: readonly string[];
}

/**
 * One plain word is a model, since programs for the original say it so. Two words, and one with a version or extras, can only
 * be packages, and so can one after the name of an environment that is there. Where it might have been meant otherwise,
 * stderr says how.
 */
export async function meantBy(
  verb: 'create' | 'ensure',
  name: string,
  words: readonly string[],
  isEnvironment: () => Promise<boolean>,
): Promise<Meant> {
  const [first] = words;
  const isModel = words.length === 1 && !/[=<>~!;[\]@ ]/.test(first as string);
  if (!isModel) return { model: undefined, packages: words };
  // No package has a slash or a colon in its name, and many models have.
  if (!/[/:]/.test(first as string)) {
    if (await isEnvironment()) return { model: undefined, packages: words };
    console.error(
      `${first} is taken for a model of the provider ${name}; as a package it is: beep-python venv ${verb} ${name} -p ${first}`,
    );
  }
  return { model: first, packages: [] };
}
