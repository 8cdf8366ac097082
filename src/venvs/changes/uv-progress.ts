/** What uv says while it works, as progress. */
import type { OnProgress } from './changes.ts';

const units: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** Tells what a line of uv's standard error stream means; lines that mean nothing here are passed over. */
export function createUvListener(onProgress: OnProgress): (line: string) => void {
  const sizes = new Map<string, number>();
  return (line) => {
    const text = line.trim();
    const [, verb = '', rest = ''] = /^(\w+) (.*)$/.exec(text) ?? [];
    const count = Number(/^(\d+) packages?\b/.exec(rest)?.[1] ?? Number.NaN);
    if (verb === 'Downloading') {
      const [, item = rest, amount = '0', unit = 'B'] = /^(\S+) \(([0-9.]+) ?(B|KiB|MiB|GiB)\)$/.exec(rest) ?? [];
      const total = Math.round(Number(amount) * (units[unit] ?? 1));
      sizes.set(item, total);
      onProgress({ phase: 'download', item, done: 0, total, unit: 'bytes', message: text });
    } else if (verb === 'Downloaded') {
      const total = sizes.get(rest) ?? 0;
      onProgress({ phase: 'download', item: rest, done: total, total, unit: 'bytes', message: text });
    } else if (verb === 'Building' || verb === 'Built') {
      onProgress({ phase: 'build', item: rest.split(' ')[0] ?? '', message: text });
    } else if (verb === 'Resolved' && count >= 0) {
      onProgress({ phase: 'resolve', done: count, total: count, unit: 'packages', message: text });
    } else if (verb === 'Prepared' && count >= 0) {
      onProgress({ phase: 'download', done: count, total: count, unit: 'packages', message: text });
    } else if (verb === 'Installed' && count >= 0) {
      onProgress({ phase: 'install', done: count, total: count, unit: 'packages', message: text });
    }
  };
}
