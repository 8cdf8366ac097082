/** What a call of uv was about, as its errors say it. */
import type { PackageIndex } from './package-index.ts';
import { withoutCredentials } from './redact.ts';

/** What the call was about, for the text of its error. */
export interface UvContext {
  /** What was being done, such as `install packages`. */
  readonly action?: string;
  /** Version of the interpreter that packages are for, such as `3.12.1`. */
  readonly python?: string;
  readonly index?: PackageIndex | undefined;
  /** The interpreter that was asked for, as the caller wrote it. */
  readonly runtime?: string;
  /** Name of the environment. */
  readonly venv?: string;
}

/** Names of the indexes that were asked, free of credentials. */
export function askedIndexes({ index }: UvContext): string {
  if (index === undefined) return 'the Python package index';
  const links = index.findLinks.map((link) => (/^https?:/.test(link) ? link : 'a folder of packages'));
  const indexes = index.noIndex ? [] : [...index.extraIndexes, index.defaultIndex || 'the Python package index'];
  return [...indexes, ...links].map((asked) => withoutCredentials(asked)).join(', ') || 'none';
}

/** What was being done. */
export function actionOf({ action = 'change the environment' }: UvContext): string {
  return action;
}
