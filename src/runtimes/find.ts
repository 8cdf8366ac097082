/** Python interpreters on this machine: where each is, what it says about itself, and why it cannot be used. */
import { createHash } from 'node:crypto';
import { type Candidate, type CandidateOptions, findCandidates, type RuntimeSource } from './candidates.ts';
import { hostPlatform } from './platform.ts';
import { createProber, type Prober } from './prober.ts';
import { newerFirst } from './version-request.ts';

/** An interpreter that was found. */
export interface FoundRuntime {
  /** Stable for one interpreter on this machine: its key, and for one that is not managed a mark of its path. */
  readonly id: string;
  /** As uv names it, such as `cpython-3.12.4-linux-x86_64-gnu`. */
  readonly key: string;
  /** The program, with every link followed. */
  readonly path: string;
  readonly source: RuntimeSource;
  /** Empty where it did not say. */
  readonly version: string;
  /** `cpython`, `pypy`; empty where it did not say. */
  readonly implementation: string;
  /** Such as `cpython-313`, `cpython-313t`; empty where it did not say. */
  readonly abi: string;
  /** Such as `linux-x86_64-gnu`. */
  readonly platform: string;
  readonly isFreeThreaded: boolean;
  /** Neither a release to come nor a build without the lock of the interpreter. */
  readonly isPlainRelease: boolean;
  /** Why it cannot be used; undefined if it can. */
  readonly whyNot: string | undefined;
  /** It cannot be used because something is wrong with it, not because of what it is. */
  readonly isBroken: boolean;
}

/** Where to look, and who remembers what was found. */
export interface FindOptions extends CandidateOptions {
  readonly prober?: Prober;
}

/** Every interpreter, each once, newest first; those that cannot be used are told with the reason. */
export async function findRuntimes(options: FindOptions): Promise<FoundRuntime[]> {
  const prober = options.prober ?? createProber(options.env);
  const found = await prober.probeAll(await findCandidates(options), foundRuntime);
  return found.sort(newestFirst);
}

/** A candidate and its answer as one. */
export function foundRuntime(candidate: Candidate, probe: Awaited<ReturnType<Prober['probe']>>): FoundRuntime {
  const { path, source } = candidate;
  const mark = createHash('sha256').update(path).digest('hex').slice(0, 8);
  const platform = hostPlatform();
  if ('problem' in probe) {
    const facts = { version: '', implementation: '', abi: '', platform, isFreeThreaded: false, isPlainRelease: false };
    return { id: `unknown-${mark}`, key: '', path, source, ...facts, whyNot: probe.problem, isBroken: true };
  }
  const { version, implementation, abi, isPlainRelease, missingModules } = probe;
  const isFreeThreaded = implementation === 'cpython' && abi.endsWith('t');
  const key = `${implementation}-${version}${isFreeThreaded ? '+freethreaded' : ''}-${platform}`;
  const isOld = isTooOld(version);
  const lacks = missingModules.length > 0 ? `has no ${missingModules.join(', ')}` : undefined;
  return {
    id: source === 'managed' ? key : `${key}-${mark}`,
    key,
    path,
    source,
    version,
    implementation,
    abi,
    platform,
    isFreeThreaded,
    isPlainRelease,
    whyNot: isOld ? `version ${version} is older than 3.9` : lacks,
    isBroken: !isOld && lacks !== undefined,
  };
}

/** Whether environments cannot be made from a version any more. */
export function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < 3 || (major === 3 && minor < 9);
}

const sources: readonly RuntimeSource[] = ['managed', 'path', 'pyenv', 'conda', 'system'];

function newestFirst(a: FoundRuntime, b: FoundRuntime): number {
  if (a.version === '' || b.version === '') return Number(a.version === '') - Number(b.version === '');
  const order = newerFirst(a.version, b.version) || sources.indexOf(a.source) - sources.indexOf(b.source);
  return order || a.path.localeCompare(b.path);
}
