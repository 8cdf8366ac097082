/** `environment.json`: what an environment is, beside the link that says which generation is in force. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../replace-file.ts';
import type { PinSources } from './pin-sources.ts';

/** The interpreter that a generation was made from. */
export interface RecordedPython {
  readonly version: string;
  readonly path: string;
  /** Missing in records of earlier versions, as the next two. */
  readonly id?: string;
  readonly implementation?: string;
  /** Where it was found, such as `pyenv`. */
  readonly source?: string;
}

/** One generation that was made. */
export interface GenerationRecord {
  readonly generation: number;
  readonly createdAt: string;
  /** What was asked, such as `install pandas`. */
  readonly reason: string;
  readonly python: RecordedPython;
  /** The mark of its interpreter when it was made; missing in records of earlier versions. */
  readonly interpreter?: string | undefined;
  /** Every installed package, as a pinned requirement; with it the generation can be made again. */
  readonly lock?: readonly string[];
  /** What was asked for by name, as requirements; the other packages are there because these need them. */
  readonly requested?: readonly string[];
  /** Digests of the specifications that it is known to meet. */
  readonly satisfies?: readonly string[];
}

/** The whole record. The link `current`, not the number in here, says which generation is in force. */
export interface EnvironmentRecord {
  readonly format: 1;
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly generation: number;
  /** The caller's own marks. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What it was ensured for. */
  readonly provider?: string;
  readonly model?: string;
  /** Where its packages came from, but for the host's own index. */
  readonly sources?: PinSources;
  /** Oldest first. */
  readonly history: readonly GenerationRecord[];
}

/** Name of the file in the environment's folder. */
export const recordFile = 'environment.json';

// The oldest are forgotten: an environment that is changed every minute must not have a record that grows for ever.
const maxHistory = 1000;

/** The record of an environment; undefined where there is none. A damaged one throws: it is never taken for an empty one. */
export async function readRecord(folder: string): Promise<EnvironmentRecord | undefined> {
  const text = await readFile(join(folder, recordFile), 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : parseRecord(text);
}

/** The record in a text; throws for what is none. */
export function parseRecord(text: string): EnvironmentRecord {
  const record = JSON.parse(text);
  const isRecord =
    record?.format === 1 &&
    typeof record.name === 'string' &&
    typeof record.createdAt === 'string' &&
    Array.isArray(record.history) &&
    record.history.every(isGeneration);
  if (!isRecord) throw new Error('it is JSON, but no record of an environment');
  return record;
}

function isGeneration(value: unknown): value is GenerationRecord {
  const { generation, createdAt, python } = (value ?? {}) as Partial<GenerationRecord>;
  return (
    Number.isSafeInteger(generation) &&
    !Number.isNaN(Date.parse(createdAt as string)) &&
    typeof python?.path === 'string'
  );
}

/** The record with one more generation. */
export function withGeneration(
  record: EnvironmentRecord | undefined,
  name: string,
  next: GenerationRecord,
): EnvironmentRecord {
  const base = record ?? { format: 1, id: randomUUID(), name, createdAt: next.createdAt, history: [] };
  return { ...base, generation: next.generation, history: [...base.history, next].slice(-maxHistory) };
}

/** The record with another generation in the place of the one with its number. */
export function withChanged(record: EnvironmentRecord, changed: GenerationRecord): EnvironmentRecord {
  const history = record.history.map((one) => (one.generation === changed.generation ? changed : one));
  return { ...record, history };
}

/** Writes the record in one step: after a crash it is the old one or the new one. */
export async function writeRecord(folder: string, record: EnvironmentRecord): Promise<void> {
  await replaceFile(join(folder, recordFile), `${JSON.stringify(record, undefined, 2)}\n`);
}
