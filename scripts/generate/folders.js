import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** What must change in `current` so that it holds exactly the files of `wanted`. */
export function compare(wanted, current) {
  const names = new Set([...filesIn(wanted), ...filesIn(current)]);
  return [...names].sort().flatMap((name) => {
    const source = join(wanted, name);
    const path = join(current, name);
    if (!existsSync(source)) return [{ change: 'not generated any more', path }];
    if (!existsSync(path)) return [{ change: 'missing', path, source }];
    return readFileSync(source).equals(readFileSync(path)) ? [] : [{ change: 'differs', path, source }];
  });
}

/** Applies one difference. */
export function apply({ path, source }) {
  if (!source) {
    rmSync(path);
    return;
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, readFileSync(source));
}

function filesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('__pycache__'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
