import type { EnvironmentInForce } from '../environment-in-force.ts';
import { environmentFolder, type HomeLayout } from '../layout.ts';
import type { PinSources } from './pin-sources.ts';
import { readRecord } from './record.ts';

/** What the record of an environment tells of its packages. */
export interface Recorded {
  /** What was asked for by name, as requirements; undefined where nothing tells. */
  readonly requested: readonly string[] | undefined;
  /** Where they came from, but for the host's own index. */
  readonly sources: PinSources | undefined;
}

/** Reads it for one generation. An environment that is not ours has none; a damaged one is for those who list environments. */
export async function readRecorded(layout: HomeLayout, environment: EnvironmentInForce): Promise<Recorded> {
  const folder = environmentFolder(layout, environment.name);
  const record = environment.generation === 0 ? undefined : await readRecord(folder).catch(() => undefined);
  const made = record?.history.find(({ generation }) => generation === environment.generation);
  return { requested: made?.requested, sources: record?.sources };
}
