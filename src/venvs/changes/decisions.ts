/** What each request makes of an environment; decided when its lock is held, so nothing changes meanwhile. */
import { errors } from '../../errors.ts';
import type { AskedIndex, PackageIndex } from '../../uv/package-index.ts';
import { indexOfPins, withAsked } from '../generations/pin-sources.ts';
import type { RecordedPython } from '../generations/record.ts';
import type { EnvironmentState } from '../generations/state.ts';
import { installedPins, requirementName } from '../installed/pins.ts';
import { generationFolder, type HomeLayout } from '../layout.ts';
import { isEmpty, type Wanted } from '../requirements/wanted.ts';
import { type Decide, type Decision, type Facts, union } from './change.ts';
import type { Recipe } from './generation.ts';

/** Interpreters, as decisions ask for them. */
export interface Pythons {
  /** The usable one that a request asks for; empty: the default one. Throws RUNTIME_NOT_FOUND and the like. */
  find(request: string): Promise<RecordedPython>;
  /** This very one, started anew; undefined where it is gone or does not work. */
  again(python: RecordedPython): Promise<RecordedPython | undefined>;
  /** Whether a request asks for no other than this one. */
  isAsked(request: string, python: RecordedPython): Promise<boolean>;
}

/** Packages from somewhere. */
export interface Order {
  readonly wanted: Wanted;
  /** What the request says about indexes, and what is in force with the host's settings. */
  readonly asked: AskedIndex | undefined;
  readonly index: () => Promise<PackageIndex>;
  /** The host's own. */
  readonly hostIndex: () => Promise<PackageIndex>;
}

/** What a specification says, checked. */
export interface Specification {
  /** Empty: any. */
  readonly python: string;
  readonly order: Order;
  readonly digest: string;
  readonly facts: Facts;
}

/** What decisions look things up with. */
export interface Tools {
  readonly layout: HomeLayout;
  readonly pythons: Pythons;
}

/** A new environment. */
export function creating(name: string, spec: Specification, tools: Tools): Decide {
  return async (state) => {
    if (state !== undefined) throw errors.venvExists(name);
    return await makingNew(spec, tools);
  };
}

/** An environment that meets a specification: what others have put into it stays. */
export function ensuring(spec: Specification, tools: Tools): Decide {
  return async (state) => {
    if (state === undefined) return await makingNew(spec, tools);
    const { order, digest } = spec;
    const facts = { ...spec.facts, ...sourcesOf(state, order) };
    const met = union(state.inForce?.satisfies, [digest]);
    const isOtherPython = await needsOtherPython(state, spec.python, tools.pythons);
    if (state.problem === undefined && !isOtherPython) {
      if (isEmpty(order.wanted) || state.inForce?.satisfies?.includes(digest)) {
        return { kind: 'keep', facts: spec.facts, satisfies: met };
      }
    }
    const requested = merged(state.inForce?.requested, order.wanted.requested);
    const asked = shownList(order.wanted.requested);
    const reason = state.problem === undefined ? `ensure ${asked}`.trim() : 'repaired';
    if (!isOtherPython) {
      const recipe = await addingTo(state, order, false, tools);
      return { kind: 'make', recipe, reason, requested, satisfies: met, facts };
    }
    // Versions that were chosen for another Python may not exist for this one: all are chosen again.
    const recipe = freshly(await tools.pythons.find(spec.python), {
      ...order,
      wanted: withFormer(state, order.wanted),
    });
    return { kind: 'make', recipe, reason, requested, satisfies: [digest], facts };
  };
}

/** More packages, or newer ones. */
export function installing(name: string, order: Order, upgrade: boolean, tools: Tools): Decide {
  return existing(name, async (state) => {
    const { wanted } = order;
    const all = upgrade ? { ...order, wanted: withFormer(state, wanted) } : order;
    return {
      kind: 'make',
      recipe: await addingTo(state, all, upgrade, tools),
      reason: `${upgrade ? 'upgrade' : 'install'} ${shownList(wanted.requested)}`.trim(),
      requested: merged(state.inForce?.requested, wanted.requested),
      satisfies: state.inForce?.satisfies ?? [],
      facts: sourcesOf(state, order),
    };
  });
}

/** Fewer packages. */
export function uninstalling(name: string, names: readonly string[], order: Order, tools: Tools): Decide {
  return existing(name, async (state) => {
    const gone = new Set(names.map(requirementName));
    const recipe = await addingTo(state, order, false, tools);
    const pins = recipe.pins.filter((pin) => !gone.has(requirementName(pin)));
    if (pins.length === recipe.pins.length && state.problem === undefined) return { kind: 'keep' };
    return {
      kind: 'make',
      recipe: { ...recipe, pins },
      reason: `uninstall ${shownList(names)}`,
      requested: (state.inForce?.requested ?? []).filter((one) => !gone.has(requirementName(one))),
      satisfies: [],
    };
  });
}

/** Exactly what a text says, and what that needs. */
export function syncing(name: string, order: Order, tools: Tools): Decide {
  return existing(name, async (state) => ({
    kind: 'make',
    recipe: freshly(await pythonOf(state, tools.pythons), order),
    reason: 'sync',
    requested: order.wanted.requested,
    satisfies: [],
    facts: { sources: withAsked(undefined, order.asked) },
  }));
}

/** What is to be copied, as it was read. */
export interface Original {
  readonly name: string;
  readonly facts: Facts;
  readonly requested: readonly string[];
  readonly satisfies: readonly string[];
  recipe(): Promise<Recipe>;
}

/** One of ours. */
export function ownOriginal(state: EnvironmentState, order: Order, tools: Tools): Original {
  const { labels, provider, model, sources } = state.record ?? {};
  return {
    name: state.name,
    facts: { labels, provider, model, sources },
    requested: state.inForce?.requested ?? [],
    satisfies: state.inForce?.satisfies ?? [],
    recipe: () => addingTo(state, order, false, tools),
  };
}

/** A copy of another environment. */
export function cloning(original: Original, newName: string): Decide {
  return async (state) => {
    if (state !== undefined) throw errors.venvExists(newName);
    const { name, facts, requested, satisfies, recipe } = original;
    return { kind: 'make', recipe: await recipe(), reason: `cloned from ${name}`, requested, satisfies, facts };
  };
}

async function makingNew({ python, order, digest, facts }: Specification, { pythons }: Tools): Promise<Decision> {
  return {
    kind: 'make',
    recipe: freshly(await pythons.find(python), order),
    reason: 'created',
    requested: order.wanted.requested,
    satisfies: [digest],
    facts: { ...facts, sources: withAsked(undefined, order.asked) },
  };
}

function existing(name: string, decide: (state: EnvironmentState) => Promise<Decision>): Decide {
  return async (state) => {
    // It was there when this was asked for.
    if (state === undefined) throw errors.venvDeleted(name);
    return await decide(state);
  };
}

/** Nothing of what was there. */
function freshly(python: RecordedPython, { wanted, index, hostIndex }: Order): Recipe {
  return { python, pins: [], wanted, upgrade: false, index, pinIndex: hostIndex };
}

/** What is there, and more. */
async function addingTo(state: EnvironmentState, order: Order, upgrade: boolean, tools: Tools): Promise<Recipe> {
  const { wanted, index, hostIndex } = order;
  const generation = generationFolder(tools.layout, state.name, state.generation as number);
  return {
    python: await pythonOf(state, tools.pythons),
    pins: state.inForce?.lock ?? (await installedPins(generation)),
    wanted,
    upgrade,
    index,
    pinIndex: async () => indexOfPins(await index(), await hostIndex(), state.record?.sources),
  };
}

/** What the generation in force was made from; where that does not start any more another one of its version. */
async function pythonOf(state: EnvironmentState, pythons: Pythons): Promise<RecordedPython> {
  const python = state.inForce?.python;
  if (python === undefined) return await pythons.find('');
  if (state.problem?.kind !== 'interpreter') return python;
  const same = await pythons.again(python);
  if (same !== undefined) return same;
  const [major, minor] = python.version.split('.');
  return await pythons.find(`${major}.${minor}`);
}

/** Whether the interpreter is not what is asked for, or is gone and there is no other one of its version. */
async function needsOtherPython(state: EnvironmentState, asked: string, pythons: Pythons): Promise<boolean> {
  const python = await pythonOf(state, pythons).catch(() => undefined);
  return python === undefined || (asked !== '' && !(await pythons.isAsked(asked, python)));
}

function sourcesOf(state: EnvironmentState, { asked }: Order): Facts {
  const sources = withAsked(state.record?.sources, asked);
  return sources === undefined ? {} : { sources };
}

/** Of two requirements for one package the later one holds. */
function merged(before: readonly string[] | undefined, more: readonly string[]): string[] {
  const names = new Set(more.map(requirementName));
  return [...(before ?? []).filter((one) => !names.has(requirementName(one))), ...more];
}

/** Also all that was asked for before. */
function withFormer({ inForce }: EnvironmentState, wanted: Wanted): Wanted {
  const former = merged(inForce?.requested, wanted.requested).slice(0, -wanted.requested.length || undefined);
  return { ...wanted, lines: [...former, ...wanted.lines] };
}

function shownList(names: readonly string[]): string {
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  return `${names.slice(0, 5).join(' ')}${more}`;
}
