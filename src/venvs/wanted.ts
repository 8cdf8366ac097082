/** Packages that a request asks for, checked, in the form in which uv takes them. */

/** What is asked for. */
export interface Wanted {
  /** Requirements by name, as PEP 508. */
  readonly requested: readonly string[];
  /** The lines of a requirements file. */
  readonly lines: readonly string[];
  /** The text of a pylock.toml: it names every package and file, so nothing is left to choose. */
  readonly pylock?: string;
}

/** Nothing. */
export const nothingWanted: Wanted = { requested: [], lines: [] };

/** Whether there is anything in it. */
export function isEmpty({ lines, pylock }: Wanted): boolean {
  return lines.length === 0 && pylock === undefined;
}
