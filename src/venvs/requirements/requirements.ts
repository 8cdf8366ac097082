/** All that a request asks of an environment's packages: a list, a requirements text or a lock. */
import { errors } from '../../errors.ts';
import type { AskedIndex } from '../../uv/package-index.ts';
import { readPackageRequests } from './requirement.ts';
import { isLock, type RequirementsLock, readRequirementsLock } from './requirements-lock.ts';
import {
  type HashedRequest,
  type RequirementsPolicy,
  readRequirementsText,
  writeRequirementsText,
} from './requirements-text.ts';

/** What was asked for. */
export interface Requirements {
  /** Of the list and of the text; none where there is a lock. */
  readonly requests: readonly HashedRequest[];
  readonly lock: RequirementsLock | undefined;
  /** What uv reads from its standard input with `-r -`; empty where there is a lock. */
  readonly input: string;
  /** Whether every file needs a hash. */
  readonly requireHashes: boolean;
  /** Indexes that the text names. */
  readonly defaultIndex: string;
  readonly extraIndexes: readonly string[];
}

/** Reads them; throws PACKAGE_SPEC_INVALID with the entry, its position, what is wrong and what is right. */
export async function readRequirements(
  packages: readonly string[],
  text: string,
  policy: RequirementsPolicy,
): Promise<Requirements> {
  if (isLock(text)) {
    if (packages.length > 0) {
      throw errors.packageSpecInvalid(packages[0] as string, 'a lock is whole: give it alone', 'packages[0]');
    }
    const lock = await readRequirementsLock(text, policy);
    return { requests: [], lock, input: '', requireHashes: false, defaultIndex: '', extraIndexes: [] };
  }
  const listed = await readPackageRequests(packages, policy);
  const read = text.trim() === '' ? undefined : await readRequirementsText(text, policy);
  const requests = [...listed.map((request) => ({ ...request, hashes: [] })), ...(read?.requests ?? [])];
  return {
    requests,
    lock: undefined,
    input: writeRequirementsText(requests),
    requireHashes: read?.requireHashes ?? false,
    defaultIndex: read?.defaultIndex ?? '',
    extraIndexes: read?.extraIndexes ?? [],
  };
}

/** The index that a request asks for by its options and by its text; the options win. */
export function askedIndex(options: Partial<AskedIndex> | undefined, requirements: Requirements): AskedIndex {
  return {
    defaultIndex: options?.defaultIndex || requirements.defaultIndex,
    extraIndexes: [...(options?.extraIndexes ?? []), ...requirements.extraIndexes],
    offline: options?.offline ?? false,
    allowBuild: options?.allowBuild ?? false,
    excludeNewer: options?.excludeNewer,
    requireHashes: (options?.requireHashes ?? false) || requirements.requireHashes,
  };
}
