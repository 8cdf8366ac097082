import { createHash } from 'node:crypto';

/** What of a specification says what an environment should be; the fields of `VenvSpec` but for the labels. */
export interface SpecContent {
  readonly python: string;
  readonly packages: readonly string[];
  readonly requirements: string;
  /** Index settings in any fixed form. */
  readonly index: unknown;
}

/** Two specifications with the same digest ask for the same environment; the order of packages does not count. */
export function specDigest({ python, packages, requirements, index }: SpecContent): string {
  const text = JSON.stringify([python, [...packages].sort(), requirements, index]);
  return createHash('sha256').update(text).digest('base64url');
}
