/** Python interpreters, as they are told here. */
import type { PythonRuntime } from '../gen/es/beep/python/v1/host_pb.ts';

/** A Python interpreter of the gateway's machine. */
export interface RuntimeInfo {
  /** Such as "cpython-3.12.4-linux-x86_64-gnu". */
  readonly id: string;
  /** "cpython", "pypy" ... */
  readonly implementation: string;
  readonly version: string;
  /** The interpreter's program; empty: not installed yet. */
  readonly path: string;
  /** "managed", "path", "pyenv", "conda" or "system". */
  readonly source: string;
  /** Installed by the gateway, and removable by it. */
  readonly managed: boolean;
  /** Environments that name no Python are made from it. */
  readonly default: boolean;
  /** Environments can be made from it. */
  readonly usable: boolean;
  /** Why not. */
  readonly unusableReason: string;
  /** Names of the environments that are made from it. */
  readonly venvs: readonly string[];
  /** What compiled packages are built for, such as "cpython-312". */
  readonly abi: string;
}

/** The interpreter of a message. */
export function runtimeInfoOf(message: PythonRuntime): RuntimeInfo {
  const { $typeName, $unknown, usable, ...facts } = message;
  return { ...facts, usable: usable === true };
}
