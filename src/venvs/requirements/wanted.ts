/** Packages that a request asks for, checked, in the form in which uv takes them. */
import type { Requirements } from './requirements.ts';

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

/** Whether there is nothing in it. */
export function isEmpty({ lines, pylock }: Wanted): boolean {
  return lines.length === 0 && pylock === undefined;
}

/** What was read of a request. */
export function wantedOf({ requests, lock, input }: Requirements): Wanted {
  if (lock === undefined) {
    return { requested: requests.map(({ text }) => text), lines: input.split('\n').filter(Boolean) };
  }
  const requested = lock.packages.map(({ name, version }) => (version === '' ? name : `${name}==${version}`));
  return { requested, lines: [], pylock: lock.text };
}
