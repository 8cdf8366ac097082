/** Environments and packages, as they are told here. */
import {
  type InstalledPackage,
  type PackageChange as PackageChangeMessage,
  type Venv as VenvMessage,
  type VenvResult,
  VenvState,
} from '../gen/es/beep/python/v1/venv_pb.ts';
import { dateOf, millisecondsOf } from './duration.ts';
import { nameOf } from './names.ts';
import { type RuntimeInfo, runtimeInfoOf } from './runtime-info.ts';

/** A virtual environment as it stands. */
export interface VenvInfo {
  /** For an environment that is not the gateway's, its path. */
  readonly name: string;
  /** The same for all generations. */
  readonly path: string;
  /** The interpreter inside it. */
  readonly pythonPath: string;
  /** What it is made from. */
  readonly runtime: RuntimeInfo | undefined;
  /** Grows with every change. */
  readonly generation: number;
  readonly state: Exclude<keyof typeof VenvState, 'UNSPECIFIED'> | undefined;
  /** Why it is broken, and how to repair it. */
  readonly problem: string;
  readonly createdAt: Date | undefined;
  readonly changedAt: Date | undefined;
  readonly usedAt: Date | undefined;
  readonly packageCount: number;
  /** Bytes on disk that only this environment uses, and that it shares; measured by `get` and `list`. */
  readonly exclusiveBytes: number;
  readonly sharedBytes: number;
  /** Open sessions in it. */
  readonly sessions: number;
  /** What it was ensured for. */
  readonly provider: string;
  readonly model: string;
  /** It cannot be deleted. */
  readonly protected: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Its changes, oldest first; a `kept` one can be gone back to. */
  readonly history: readonly {
    readonly number: number;
    readonly createdAt: Date | undefined;
    readonly summary: string;
    readonly kept: boolean;
  }[];
}

/** One package's change. */
export interface PackageChange {
  readonly name: string;
  /** Empty: it was not there. */
  readonly oldVersion: string;
  /** Empty: it was removed. */
  readonly newVersion: string;
}

/** What came of a change of an environment. */
export interface VenvChange {
  readonly venv: VenvInfo;
  /** Nothing had to be done. */
  readonly unchanged: boolean;
  readonly changes: readonly PackageChange[];
  readonly tookMs: number;
}

/** An installed package. */
export interface PackageInfo {
  readonly name: string;
  readonly version: string;
  readonly summary: string;
  readonly license: string;
  /** Modules that it can be imported as. */
  readonly modules: readonly string[];
  /** Its own requirements. */
  readonly requires: readonly string[];
  /** Names of installed packages that require it. */
  readonly requiredBy: readonly string[];
  readonly sizeBytes: number;
  /** Asked for by name, not only needed by another. */
  readonly requested: boolean;
}

/** The environment of a message. */
export function venvInfoOf(message: VenvMessage): VenvInfo {
  const { $typeName, $unknown, runtime, state, exclusiveBytes, sharedBytes, history, ...facts } = message;
  return {
    ...facts,
    runtime: runtime && runtimeInfoOf(runtime),
    state: nameOf(VenvState, state),
    createdAt: dateOf(message.createdAt),
    changedAt: dateOf(message.changedAt),
    usedAt: dateOf(message.usedAt),
    exclusiveBytes: Number(exclusiveBytes),
    sharedBytes: Number(sharedBytes),
    history: history.map(({ number, createdAt, summary, kept }) => ({
      number,
      createdAt: dateOf(createdAt),
      summary,
      kept,
    })),
  };
}

/** A change of a message. */
export function venvChangeOf({ venv, unchanged, changes, took }: VenvResult): VenvChange {
  if (venv === undefined) throw new TypeError('no environment came');
  return {
    venv: venvInfoOf(venv),
    unchanged: unchanged === true,
    changes: changes.map(packageChangeOf),
    tookMs: millisecondsOf(took),
  };
}

/** A package's change of a message. */
export function packageChangeOf({ name, oldVersion, newVersion }: PackageChangeMessage): PackageChange {
  return { name, oldVersion, newVersion };
}

/** The package of a message. */
export function packageInfoOf({ $typeName, $unknown, sizeBytes, ...facts }: InstalledPackage): PackageInfo {
  return { ...facts, sizeBytes: Number(sizeBytes) };
}
