/** What each request makes of an environment; decided when its lock is held, so nothing changes meanwhile. */
import { errors } from '../errors.ts';
import type { PackageIndex } from '../uv/package-index.ts';
import { type Decide, type Decision, type Facts, union } from './change.ts';
import { installedPins, requirementName } from './installed.ts';
import { generationFolder, type HomeLayout } from './layout.ts';
import type { RecordedPython } from './record.ts';
import type { EnvironmentState } from './state.ts';
import { isEmpty, nothingWanted, type Wanted } from './wanted.ts';

/** Interpreters, as decisions ask for them. */
export interface Pythons {
  /** The usable one that a request asks for; empty: the default one. Throws RUNTIME_NOT_FOUND and the like. */
  find(request: string): Promise<RecordedPython>;
  /** Whether a request asks for no other than this one. */
  isAsked(request: string, python: RecordedPython): Promise<boolean>;
}

/** What a specification says, checked. */
export interface Specification {
  /** Empty: any. */
  readonly python: string;
  readonly wanted: Wanted;
  readonly index: PackageIndex;
  readonly digest: string;
  readonly facts: Facts;
}

interface Tools {
  readonly layout: HomeLayout;
  readonly pythons: Pythons;
}

/** A new environment. */
export function creating(name: string, spec: Specification, { pythons }: Tools): Decide {
  return async (state) => {
    if (state !== undefined) throw errors.venvExists(name);
    return await making(spec, pythons, 'created');
  };
}

/** An environment that meets a specification: what others have put into it stays. */
export function ensuring(spec: Specification, { layout, pythons }: Tools): Decide {
  return async (state) => {
    if (state === undefined) return await making(spec, pythons, 'created');
    const { digest, facts, wanted, index } = spec;
    const met = union(state.inForce?.satisfies, [digest]);
    const python = await pythonOf(state, pythons);
    const isOtherPython = spec.python !== '' && !(await pythons.isAsked(spec.python, python));
    if (state.problem === undefined && !isOtherPython) {
      if (isEmpty(wanted) || state.inForce?.satisfies?.includes(digest)) return { kind: 'keep', facts, satisfies: met };
    }
    const requested = merged(state.inForce?.requested, wanted.requested);
    const reason = state.problem === undefined ? 'ensured' : 'repaired';
    if (isOtherPython) {
      // Versions that were chosen for another Python may not exist for this one: all are chosen again.
      const all: Wanted = { ...wanted, lines: [...without(state.inForce?.requested, wanted), ...wanted.lines] };
      const recipe = { python: await pythons.find(spec.python), pins: [], wanted: all, upgrade: false, index };
      return { kind: 'make', recipe, reason, requested, satisfies: [digest], facts };
    }
    const recipe = { python, pins: await pinsOf(layout, state), wanted, upgrade: false, index };
    return { kind: 'make', recipe, reason, requested, satisfies: met, facts };
  };
}

/** More packages, or newer ones. */
export function installing(name: string, wanted: Wanted, upgrade: boolean, index: PackageIndex, tools: Tools): Decide {
  return existing(name, async (state) => {
    const before = state.inForce?.requested ?? [];
    const lines = upgrade ? [...without(before, wanted), ...wanted.lines] : wanted.lines;
    const all = { ...wanted, lines };
    return {
      kind: 'make',
      recipe: {
        python: await pythonOf(state, tools.pythons),
        pins: await pinsOf(tools.layout, state),
        wanted: all,
        upgrade,
        index,
      },
      reason: upgrade ? `upgrade ${named(wanted)}`.trim() : `install ${named(wanted)}`,
      requested: merged(before, wanted.requested),
      // What is there stays at least as it was, but for what another version was asked of.
      satisfies: upgrade || replaces(state, wanted) ? [] : (state.inForce?.satisfies ?? []),
    };
  });
}

/** Fewer packages. */
export function uninstalling(name: string, names: readonly string[], index: PackageIndex, tools: Tools): Decide {
  return existing(name, async (state) => {
    const gone = new Set(names.map(requirementName));
    const pins = await pinsOf(tools.layout, state);
    const left = pins.filter((pin) => !gone.has(requirementName(pin)));
    if (left.length === pins.length && state.problem === undefined) return { kind: 'keep' };
    const python = await pythonOf(state, tools.pythons);
    return {
      kind: 'make',
      recipe: { python, pins: left, wanted: nothingWanted, upgrade: false, index },
      reason: `uninstall ${names.join(' ')}`,
      requested: (state.inForce?.requested ?? []).filter((one) => !gone.has(requirementName(one))),
      satisfies: [],
    };
  });
}

/** Exactly what a text says. */
export function syncing(name: string, wanted: Wanted, index: PackageIndex, tools: Tools): Decide {
  return existing(name, async (state) => ({
    kind: 'make',
    recipe: { python: await pythonOf(state, tools.pythons), pins: [], wanted, upgrade: false, index },
    reason: 'sync',
    requested: wanted.requested,
    satisfies: [],
  }));
}

/** A copy of another environment as it was read. */
export function cloning(
  source: EnvironmentState,
  newName: string,
  index: PackageIndex,
  { layout, pythons }: Tools,
): Decide {
  return async (state) => {
    if (state !== undefined) throw errors.venvExists(newName);
    return {
      kind: 'make',
      recipe: {
        python: await pythonOf(source, pythons),
        pins: await pinsOf(layout, source),
        wanted: nothingWanted,
        upgrade: false,
        index,
      },
      reason: `cloned from ${source.name}`,
      requested: source.inForce?.requested ?? [],
      satisfies: source.inForce?.satisfies ?? [],
      facts: { labels: source.record?.labels, provider: source.record?.provider, model: source.record?.model },
    };
  };
}

async function making(spec: Specification, pythons: Pythons, reason: string): Promise<Decision> {
  const { wanted, index, digest, facts } = spec;
  const recipe = { python: await pythons.find(spec.python), pins: [], wanted, upgrade: false, index };
  return { kind: 'make', recipe, reason, requested: wanted.requested, satisfies: [digest], facts };
}

function existing(name: string, decide: (state: EnvironmentState) => Promise<Decision>): Decide {
  return async (state) => {
    if (state === undefined) throw errors.venvNotFound(name);
    return await decide(state);
  };
}

/** The interpreter of the generation in force; where that is gone another one of its version. */
async function pythonOf(state: EnvironmentState, pythons: Pythons): Promise<RecordedPython> {
  const python = state.inForce?.python;
  if (python === undefined) return await pythons.find('');
  if (state.problem?.kind !== 'interpreter') return python;
  const [major, minor] = python.version.split('.');
  return await pythons.find(`${major}.${minor}`).catch(() => pythons.find(''));
}

async function pinsOf(layout: HomeLayout, { name, generation, inForce }: EnvironmentState): Promise<readonly string[]> {
  return inForce?.lock ?? (await installedPins(generationFolder(layout, name, generation as number)));
}

/** Of two requirements for one package the later one holds. */
function merged(before: readonly string[] | undefined, more: readonly string[]): string[] {
  const names = new Set(more.map(requirementName));
  return [...(before ?? []).filter((one) => !names.has(requirementName(one))), ...more];
}

function without(before: readonly string[] | undefined, { requested }: Wanted): string[] {
  const names = new Set(requested.map(requirementName));
  return (before ?? []).filter((one) => !names.has(requirementName(one)));
}

function replaces(state: EnvironmentState, { requested }: Wanted): boolean {
  const names = new Set(state.inForce?.requested?.map(requirementName));
  return requested.some((one) => names.has(requirementName(one)));
}

function named({ requested }: Wanted): string {
  const more = requested.length > 5 ? ` and ${requested.length - 5} more` : '';
  return `${requested.slice(0, 5).join(' ')}${more}`;
}
