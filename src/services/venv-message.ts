/** Environments as messages of the contract. */
import { isAbsolute } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { timestampFromDate, timestampFromMs } from '@bufbuild/protobuf/wkt';
import { brokenVenvHint } from '../errors.ts';
import { PythonRuntimeSchema } from '../gen/es/beep/python/v1/host_pb.ts';
import { type Venv, VenvSchema, VenvState } from '../gen/es/beep/python/v1/venv_pb.ts';
import { currentLink } from '../venvs/generations/publish.ts';
import type { RecordedPython } from '../venvs/generations/record.ts';
import type { EnvironmentState } from '../venvs/generations/state.ts';
import type { ExternalEnvironment } from '../venvs/installed/external.ts';
import type { Sizes } from '../venvs/installed/sizes.ts';
import type { HomeLayout } from '../venvs/layout.ts';
import { generationFolder } from '../venvs/layout.ts';

/** What is known of an environment beside its files. */
export interface VenvSurroundings {
  readonly layout: HomeLayout;
  readonly isProtected: boolean;
  readonly sessions: number;
  /** Milliseconds since 1970. */
  readonly usedAt: number | undefined;
  /** Undefined: not measured yet. */
  readonly sizes: Sizes | undefined;
  /** Its first generation is being made. */
  readonly isBuilding: boolean;
}

/** One of ours. */
export function venvMessage(state: EnvironmentState, around: VenvSurroundings): Venv {
  const { name, record, generation = 0, inForce, onDisk, problem } = state;
  const path = currentLink(state.folder);
  const last = record?.history.at(-1)?.createdAt;
  return create(VenvSchema, {
    name,
    path,
    pythonPath: `${path}/bin/python`,
    runtime: inForce && runtimeMessage(inForce.python, problem?.kind !== 'interpreter'),
    generation,
    state: around.isBuilding ? VenvState.BUILDING : problem === undefined ? VenvState.READY : VenvState.BROKEN,
    problem: around.isBuilding || problem === undefined ? '' : `${problem.why}; ${problem.hint}`,
    createdAt: record && timestampFromDate(new Date(record.createdAt)),
    changedAt: last === undefined ? undefined : timestampFromDate(new Date(last)),
    usedAt: around.usedAt === undefined ? undefined : timestampFromMs(Math.floor(around.usedAt)),
    packageCount: inForce?.lock?.length ?? 0,
    exclusiveBytes: BigInt(around.sizes?.exclusiveBytes ?? 0),
    sharedBytes: BigInt(around.sizes?.sharedBytes ?? 0),
    sessions: around.sessions,
    provider: record?.provider ?? '',
    model: record?.model ?? '',
    protected: around.isProtected,
    labels: { ...record?.labels },
    history: record?.history.map((one) => ({
      number: one.generation,
      createdAt: timestampFromDate(new Date(one.createdAt)),
      summary: one.reason,
      kept: onDisk.includes(one.generation),
    })),
  });
}

/** Folders whose sizes together are the environment's. */
export function foldersOf(layout: HomeLayout, { name, onDisk }: EnvironmentState): string[] {
  return onDisk.map((generation) => generationFolder(layout, name, generation));
}

/** One that is not ours: it is told as it is. */
export function externalMessage(
  found: ExternalEnvironment,
  around: Pick<VenvSurroundings, 'sessions' | 'sizes'> & {
    readonly name: string;
    readonly problem: string | undefined;
  },
): Venv {
  const { path, pythonPath, version, implementation, basePath, packageCount, createdAt } = found;
  return create(VenvSchema, {
    name: around.name,
    path,
    pythonPath,
    runtime: runtimeMessage({ version, implementation, path: basePath }, true),
    state: around.problem === undefined ? VenvState.READY : VenvState.BROKEN,
    problem: around.problem === undefined ? '' : `${around.problem}; ${brokenVenvHint(around.name)}`,
    createdAt: timestampFromDate(createdAt),
    packageCount,
    exclusiveBytes: BigInt(around.sizes?.exclusiveBytes ?? 0),
    sharedBytes: BigInt(around.sizes?.sharedBytes ?? 0),
    sessions: around.sessions,
    protected: true,
  });
}

function runtimeMessage(python: RecordedPython, isThere: boolean) {
  const { id = '', implementation = '', version, path, source = '' } = python;
  return create(PythonRuntimeSchema, {
    id,
    implementation,
    version,
    path: isAbsolute(path) ? path : '',
    source,
    managed: source === 'managed',
    usable: isThere,
    unusableReason: isThere ? '' : 'it is gone',
  });
}
