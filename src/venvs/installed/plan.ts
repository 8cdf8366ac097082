/** What a change of packages would do to an environment, without doing it. */
import { uvFailure } from '../../uv/failure.ts';
import type { PackageIndex } from '../../uv/package-index.ts';
import { runUv, type UvPlaces } from '../../uv/run.ts';
import type { EnvironmentInForce } from '../environment-in-force.ts';
import { normalizedName } from '../requirements/requirement.ts';
import type { Requirements } from '../requirements/requirements.ts';
import { lockPins } from './lock-pins.ts';
import { scratchLock } from './scratch-lock.ts';

/** One package's change; an empty version: it was not there, or will be no more. */
export interface PlannedChange {
  readonly name: string;
  readonly oldVersion: string;
  readonly newVersion: string;
}

/** The whole of it. */
export interface Plan {
  readonly changes: readonly PlannedChange[];
  /** Of what is not in the package cache; 0 where nothing is missing or the index does not tell sizes. */
  readonly downloadBytes: number;
}

/** What is planned. */
export interface PlanOptions {
  readonly places: UvPlaces;
  readonly requirements: Requirements;
  readonly index: PackageIndex;
  /** Take the newest versions that fit, also of what is there already. */
  readonly upgrade: boolean;
  readonly pythonVersion: string;
  readonly signal?: AbortSignal;
}

const timeoutMs = 5 * 60_000;

/** Asks uv what it would do. Throws what it says as an error of ours. */
export async function planPackages(environment: EnvironmentInForce, options: PlanOptions): Promise<Plan> {
  const { places, requirements, index, upgrade, pythonVersion, signal } = options;
  await using lock = requirements.lock === undefined ? undefined : await scratchLock(requirements.lock.text);
  const args = ['pip', 'install', '--dry-run', '--verbose', '--output-format', 'json'];
  // An interpreter that the system owns may be looked at.
  args.push('--break-system-packages', '--python', environment.pythonPath, ...(upgrade ? ['--upgrade'] : []));
  const result = await runUv(places, [...args, '-r', lock?.path ?? '-'], {
    timeoutMs,
    index,
    ...(lock === undefined && { input: requirements.input }),
    ...(signal !== undefined && { signal }),
  });
  if (result.exitCode !== 0) {
    throw uvFailure(result, {
      action: 'plan a change of packages',
      python: pythonVersion,
      index,
      venv: environment.name,
    });
  }
  const missing = [...result.stderr.matchAll(/Identified uncached distribution: (\S+==\S+)/g)].map(
    ([, pin]) => pin as string,
  );
  return {
    changes: readChanges(result.stdout),
    downloadBytes: missing.length === 0 ? 0 : await sizeOf(missing, environment, options),
  };
}

/** uv tells removals and additions; both of one package are one change. */
function readChanges(text: string): PlannedChange[] {
  const { changes } = JSON.parse(text) as { changes: { name: string; version: string; action: string }[] };
  const byName = new Map<string, { oldVersion: string; newVersion: string }>();
  for (const { name, version, action } of changes) {
    const change = byName.get(normalizedName(name)) ?? { oldVersion: '', newVersion: '' };
    if (action === 'uninstalled') change.oldVersion = version;
    else change.newVersion = version;
    byName.set(normalizedName(name), change);
  }
  return [...byName]
    .map(([name, change]) => ({ name, ...change }))
    .filter(({ oldVersion, newVersion }) => oldVersion !== newVersion)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** An index tells the sizes of its files in locks. Nothing is known where it cannot be asked. */
async function sizeOf(pins: readonly string[], environment: EnvironmentInForce, options: PlanOptions): Promise<number> {
  const { places, index, signal } = options;
  const lock = await lockPins(pins, environment, { places, index: { ...index, requireHashes: false }, signal }).catch(
    () => '',
  );
  const { parse } = await import('smol-toml');
  const { packages = [] } = parse(lock) as { packages?: { wheels?: { size?: number }[]; sdist?: { size?: number } }[] };
  // The files of a lock for one interpreter are those that fit it, the best one first.
  return packages.reduce((total, { wheels, sdist }) => total + (wheels?.[0]?.size ?? sdist?.size ?? 0), 0);
}
