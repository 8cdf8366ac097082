/** What an environment should be, and how it is changed. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { IndexOptionsSchema, VenvSpecSchema } from '../gen/es/beep/python/v1/venv_pb.ts';
import type { CallOptions } from './link.ts';
import { checked, type Names } from './option-names.ts';

/** Where packages come from; what is left out is as the host has it. */
export interface IndexOptions {
  /** URL of the index to use instead of the host's. */
  readonly defaultIndex?: string;
  /** URLs of further indexes, asked first, where the host allows them. */
  readonly extraIndexes?: readonly string[];
  /** Only what has been downloaded before. */
  readonly offline?: boolean;
  /** Allow packages to be built, which runs their code. */
  readonly allowBuild?: boolean;
  /** Only files published before this moment. */
  readonly excludeNewer?: Date;
  /** Refuse every package whose hash the requirements do not name. */
  readonly requireHashes?: boolean;
}

/** What an environment should be. */
export interface VenvOptions extends CallOptions {
  /** A version request such as "3.12", a runtime's id or a path; left out: the default runtime. */
  readonly python?: string;
  /** Requirements, such as "pandas[excel]>=2". */
  readonly packages?: readonly string[];
  /** The text of a requirements file or of a pylock.toml. */
  readonly requirements?: string;
  readonly index?: IndexOptions;
  /** Marks of your own, to find environments by. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Which environment should be there, and what it should be. */
export interface EnsureOptions extends VenvOptions {
  /** Left out: it follows from provider, model and accelerator; without those it is the default environment. */
  readonly name?: string;
  /** What it is for, such as "llama-cpp". */
  readonly provider?: string;
  /** Such as "llama-3-8b"; left out: one environment for all models of the provider. */
  readonly model?: string;
  /** Left out: what the machine has. */
  readonly accelerator?: 'cpu' | 'cuda' | 'rocm' | 'vulkan';
}

/** How packages are added. */
export interface InstallOptions extends CallOptions {
  /** The text of a requirements file. */
  readonly requirements?: string;
  /** Take the newest versions that fit, also of what is there already. */
  readonly upgrade?: boolean;
  readonly index?: IndexOptions;
}

export const venvNames: Names<VenvOptions> = {
  signal: true,
  python: true,
  packages: true,
  requirements: true,
  index: true,
  labels: true,
};

export const ensureNames: Names<EnsureOptions> = {
  ...venvNames,
  name: true,
  provider: true,
  model: true,
  accelerator: true,
};

export const installNames: Names<InstallOptions> = { signal: true, requirements: true, upgrade: true, index: true };

const indexNames: Names<IndexOptions> = {
  defaultIndex: true,
  extraIndexes: true,
  offline: true,
  allowBuild: true,
  excludeNewer: true,
  requireHashes: true,
};

/** What it should be, as a message. */
export function venvSpec(options: VenvOptions): MessageInitShape<typeof VenvSpecSchema> {
  const { python, packages = [], requirements, index, labels } = options;
  return { python, packages: [...packages], requirements, index: indexOf(index), labels: { ...labels } };
}

/** Where packages come from, as a message. */
export function indexOf(index: IndexOptions | undefined): MessageInitShape<typeof IndexOptionsSchema> | undefined {
  if (index === undefined) return undefined;
  const { extraIndexes = [], excludeNewer, ...rest } = checked(index, indexNames, 'index');
  return {
    ...rest,
    extraIndexes: [...extraIndexes],
    excludeNewer: excludeNewer && timestampFromDate(excludeNewer),
  };
}
