/** Lists page by page over all workers: what comes and goes between two pages shifts nothing. */
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { BeepError } from '../errors.ts';
import type { SessionDirectory } from '../sessions/directory.ts';
import type { WorkerLink } from '../workers/link.ts';

const defaultSize = 100;

/** How many a caller wants at a time. */
export function pageSizeOf(request: { readonly pageSize: number }): number {
  return request.pageSize || defaultSize;
}

/** A time as `placeOf` takes it; 0 where it is not known. */
export function nanosecondsOf(time: Timestamp | undefined): bigint {
  return time === undefined ? 0n : time.seconds * 1_000_000_000n + BigInt(time.nanos);
}

/** A time and an id as text that sorts like them; no two have the same. */
export function placeOf(ns: bigint, id: string): string {
  return `${String(ns).padStart(20, '0')}.${id}`;
}

/** What `placeOf` was made of. */
export function partsOf(place: string): { ns: bigint; id: string } {
  const dot = place.indexOf('.');
  return { ns: BigInt(place.slice(0, dot)), id: place.slice(dot + 1) };
}

/** The page behind a place, newest first; `next` is its last place, where another page follows. */
export function pageOf<T extends { readonly place: string }>(
  all: readonly T[],
  behind: string,
  size: number,
): { page: T[]; next: string | undefined } {
  const rest = all.filter(({ place }) => behind === '' || place < behind).sort((a, b) => (a.place < b.place ? 1 : -1));
  const page = rest.slice(0, size);
  return { page, next: rest.length > size ? page.at(-1)?.place : undefined };
}

/** What every worker says. One that goes meanwhile has nothing any more. */
export async function askAllWorkers<T>(directory: SessionDirectory, ask: (link: WorkerLink) => Promise<T[]>) {
  const answers = directory.links().map((link) =>
    ask(link).catch((error: unknown) => {
      if (error instanceof BeepError && error.reason === 'WORKER_LOST') return [];
      throw error;
    }),
  );
  return (await Promise.all(answers)).flat();
}
