/** `environment.json`: what an environment is, beside the link that says which generation is in force. */
import { randomBytes, randomUUID } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** One generation that was published. */
export interface GenerationRecord {
  readonly generation: number;
  readonly createdAt: string;
  /** Why it was made, such as `created`. */
  readonly reason: string;
  readonly python: { readonly version: string; readonly path: string };
}

/** The whole record. */
export interface EnvironmentRecord {
  readonly format: 1;
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly generation: number;
  readonly history: readonly GenerationRecord[];
}

const fileName = 'environment.json';

/** The record of an environment; undefined where there is none. A damaged one throws: it is never taken for an empty one. */
export async function readRecord(folder: string): Promise<EnvironmentRecord | undefined> {
  const text = await readFile(join(folder, fileName), 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const record = JSON.parse(text);
  if (record?.format !== 1 || typeof record.name !== 'string')
    throw new Error(`not a record: ${join(folder, fileName)}`);
  return record;
}

/** The record with one more generation. */
export function withGeneration(
  record: EnvironmentRecord | undefined,
  name: string,
  next: GenerationRecord,
): EnvironmentRecord {
  const base = record ?? { format: 1, id: randomUUID(), name, createdAt: next.createdAt, history: [] };
  return { ...base, generation: next.generation, history: [...base.history, next] };
}

/** Writes the record in one step: after a crash it is the old one or the new one. */
export async function writeRecord(folder: string, record: EnvironmentRecord): Promise<void> {
  const path = join(folder, fileName);
  const beside = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(beside, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(record, undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
}
