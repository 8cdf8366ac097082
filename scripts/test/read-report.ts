import { existsSync, readFileSync } from 'node:fs';

/** What a report says; `otherwise` where the suite left none. */
export function readReport<T>(path: string, parse: (text: string) => T, otherwise: T): T {
  return existsSync(path) ? parse(readFileSync(path, 'utf8')) : otherwise;
}
