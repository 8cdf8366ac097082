/** The failures of uv's resolver: which of them one derivation tells of. The derivation is always kept whole. */
import { BeepError, quoted, type Reason } from '../errors.ts';
import { askedIndexes, type UvContext } from './context.ts';
import type { Said } from './said.ts';

/** What can stand at the leaves of a derivation. */
const leaves: readonly { readonly reason: Reason; readonly pattern: RegExp }[] = [
  {
    reason: 'PACKAGE_NOT_FOUND',
    pattern: /([\w.-]+) was not found in (?:the package registry|the provided package locations)/g,
  },
  { reason: 'PACKAGE_NOT_FOUND', pattern: /there are no versions of ([\w.-]+)(?! *[<>=!~])/g },
  { reason: 'PYTHON_INCOMPATIBLE', pattern: /does not satisfy Python\S+ and ([\w.-]+)/g },
  { reason: 'NO_MATCHING_WHEEL', pattern: /([\w.-]+)(?:==\S+)? ha(?:s|ve) no wheels with a matching/g },
  { reason: 'BUILD_FORBIDDEN', pattern: /([\w.-]+)(?:==\S+)? ha(?:s|ve) no usable wheels/g },
];

/** The error for a resolution without a solution; undefined for another failure. */
export function noSolution({ causes, hints }: Said, text: string, context: UvContext): BeepError | undefined {
  if (!/No solution found/.test(text)) return undefined;
  const derivation = causes.slice(1).join(' ');
  const found = leaves.flatMap(({ reason, pattern }) =>
    [...derivation.matchAll(pattern)].map(([, name]) => ({ reason, name: name as string })),
  );
  const reasons = new Set(found.map(({ reason }) => reason));
  const names = [...new Set(found.map(({ name }) => name))];
  // Several kinds at once: no single one of them is the reason.
  const [only] = reasons;
  const reason: Reason = reasons.size === 1 && only !== undefined ? only : 'RESOLUTION_FAILED';
  const hint = hints.map((one) => one.replace(/ \((?:try|i\.e\.,)[^)]*\)/g, '')).join(' ');
  const message = `${textOf(reason, names, hints, context)}: ${derivation}${hint === '' ? '' : ` Hint: ${hint}`}`;
  return new BeepError(reason, message, {
    metadata: {
      ...(names.length > 0 && { packages: names.join(',') }),
      ...(reason === 'PACKAGE_NOT_FOUND' && { indexes: askedIndexes(context) }),
      ...(context.python !== undefined && { python: context.python }),
    },
  });
}

function textOf(reason: Reason, names: readonly string[], hints: readonly string[], context: UvContext): string {
  const what = names.map(quoted).join(', ');
  const python = context.python === undefined ? 'this Python' : `Python ${context.python}`;
  switch (reason) {
    case 'PACKAGE_NOT_FOUND': {
      const isTooNew = hints.some((hint) => hint.includes('exclude-newer'));
      const next = isTooNew ? 'ask with a later index.exclude_newer' : 'check its name and the URL of the index';
      return `no such package: ${what}; asked: ${askedIndexes(context)}; ${next}`;
    }
    case 'PYTHON_INCOMPATIBLE':
      return `needs another Python than ${context.python ?? 'this one'}: ${what}; ask for another version of it, or make the environment from another Python`;
    case 'NO_MATCHING_WHEEL':
      return `no wheel for ${python} on this machine: ${what}; ask for another version of it, or make the environment from another Python`;
    case 'BUILD_FORBIDDEN':
      return `would have to be built, which runs its code: ${what}; ask for a version that has a wheel, or allow it with index.allow_build`;
    default:
      return 'requirements cannot be met together; loosen one of them';
  }
}
