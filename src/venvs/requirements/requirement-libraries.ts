/** The parsers of PEP 508 and PEP 440, loaded when somebody asks for a package: a start does without. */
import type { Requirement } from 'pip-requirements-js';

/** What we use of them. */
export interface RequirementLibraries {
  /** One line; null for one that holds nothing. Throws for what it does not understand. */
  readonly parseRequirement: (line: string) => Requirement | null;
  /** Whether a text such as `>=2` is a version specifier. */
  readonly isSpecifier: (text: string) => boolean;
}

let loaded: Promise<RequirementLibraries> | undefined;

/** Loads them the first time. */
export function loadRequirementLibraries(): Promise<RequirementLibraries> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<RequirementLibraries> {
  const [requirements, pep440] = await Promise.all([import('pip-requirements-js'), import('@renovatebot/pep440')]);
  return {
    parseRequirement: requirements.parsePipRequirementsLine,
    isSpecifier: (text) => !text.startsWith('===') && pep440.validRange(text),
  };
}
