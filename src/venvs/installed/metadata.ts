/** METADATA: what an installed package says of itself, in the form of e-mail headers (core metadata, PEP 566). */

/** What we tell of it. */
export interface PackageMetadata {
  /** As it writes itself, such as `PyYAML`. */
  readonly name: string;
  readonly version: string;
  readonly summary: string;
  readonly license: string;
  /** PEP 508. */
  readonly requires: readonly string[];
}

// Bounds for what is nobody's package: the largest real ones stay far below.
const maxShown = 1000;
const maxRequirements = 5000;
const maxLicenseName = 100;

/** Reads it; what it does not say follows from its folder's name. Undefined where neither names a package. */
export function readPackageMetadata(text: string, folder: string): PackageMetadata | undefined {
  const [, folderName, folderVersion = ''] = /^(.+?)-(.+)\.dist-info$/.exec(folder) ?? [];
  const requires: string[] = [];
  const classified: string[] = [];
  const first = new Map<string, string>();
  for (const { name, value } of headers(text)) {
    if (name === 'requires-dist' && requires.length < maxRequirements) requires.push(cut(value));
    else if (name === 'classifier') classified.push(cut(value));
    else if (!first.has(name)) first.set(name, value);
  }
  const name = first.get('name') ?? folderName;
  if (name === undefined || name === '') return undefined;
  return {
    name: cut(name),
    version: cut(first.get('version') ?? folderVersion),
    summary: known(first.get('summary')),
    license: known(first.get('license-expression')) || licenseOf(first.get('license'), classified),
    requires,
  };
}

/** Headers up to the first empty line; a line that begins with a space goes on. */
function* headers(text: string): Generator<{ name: string; value: string }> {
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  for (const line of text
    .slice(0, end)
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) yield { name: line.slice(0, colon).toLowerCase(), value: line.slice(colon + 1).trim() };
  }
}

function known(value: string | undefined): string {
  return value === undefined || value === 'UNKNOWN' ? '' : cut(value);
}

function cut(value: string): string {
  return value.length <= maxShown ? value : `${value.slice(0, maxShown)}...`;
}

/** Some put the whole text of their license there; then its class, such as `License :: OSI Approved :: MIT License`, says more. */
function licenseOf(value: string | undefined, classifiers: readonly string[]): string {
  const given = known(value);
  const classes = classifiers.filter((one) => one.startsWith('License ::')).map((one) => one.split('::').at(-1) ?? '');
  const isShort = given !== '' && given.length <= maxLicenseName;
  return isShort || classes.length === 0 ? given : classes.map((one) => one.trim()).join(', ');
}
