/** How far a download has come: uv says how large it is, and the file that it writes how much is there. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RuntimeProgress } from './progress.ts';

const everyMs = 250;
const units: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** Follows one run of uv. */
export interface DownloadProgress extends Disposable {
  /** A line of uv's standard error stream. */
  readonly onLine: (line: string) => void;
}

/** `folder` is the one that uv keeps the archive in while it comes. */
export function followDownload(
  key: string,
  folder: string,
  onProgress: (progress: RuntimeProgress) => void,
): DownloadProgress {
  let total = 0;
  let last = -1;
  let timer: NodeJS.Timeout | undefined;
  const tell = (done: number) => {
    if (done === last) return;
    last = done;
    const whole = total === 0 ? 0 : Math.max(total, done);
    onProgress({ phase: 'download', item: key, done, total: whole, unit: 'bytes', message: `downloading ${key}` });
  };
  const look = async () => {
    const bytes = await bytesBelow(folder);
    if (timer === undefined) return;
    tell(bytes);
    timer = setTimeout(() => void look(), everyMs);
  };
  const stop = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  return {
    onLine(line) {
      const size = /^Downloading \S+ .*\(([0-9.]+) ?(B|KiB|MiB|GiB)\)$/.exec(line.trim());
      if (size !== null) {
        total = Math.round(Number(size[1]) * (units[size[2] as string] ?? 1));
        tell(0);
        timer ??= setTimeout(() => void look(), everyMs);
      } else if (/^Downloaded /.test(line.trim())) {
        stop();
        tell(total);
      } else if (/^Extracting .*\)$/.test(line.trim())) {
        onProgress({ phase: 'install', item: key, message: `unpacking ${key}` });
      }
    },
    [Symbol.dispose]: stop,
  };
}

async function bytesBelow(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (facts) => (facts.isFile() ? facts.size : 0),
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
