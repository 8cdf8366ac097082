/** Where the packages of an environment came from, so that its next generation finds them again. */
import type { AskedIndex, PackageIndex } from '../../uv/package-index.ts';

/** What of the requests so far is needed for that; kept in the record, which only this user may read. */
export interface PinSources {
  /** In the order in which they are asked. */
  readonly indexes: readonly string[];
  /** Some were built from source. */
  readonly allowBuild: boolean;
}

/** The sources when one more request has been met. */
export function withAsked(sources: PinSources | undefined, asked: AskedIndex | undefined): PinSources | undefined {
  if (asked === undefined) return sources;
  const named = [...asked.extraIndexes, asked.defaultIndex].filter((index) => index !== '');
  const indexes = [...new Set([...named, ...(sources?.indexes ?? [])])];
  const allowBuild = asked.allowBuild || sources?.allowBuild === true;
  return indexes.length === 0 && !allowBuild ? sources : { indexes, allowBuild };
}

/** The index that has them: what was chosen once is taken again, whatever a request says about choosing. */
export function indexOfPins(index: PackageIndex, host: PackageIndex, sources: PinSources | undefined): PackageIndex {
  return {
    ...host,
    extraIndexes: [...(sources?.indexes ?? []), ...host.extraIndexes],
    allowBuild: sources?.allowBuild === true,
    offline: index.offline,
    requireHashes: false,
    excludeNewer: undefined,
  };
}
