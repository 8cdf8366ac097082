/** RECORD: the files of an installed package, as PEP 376 lists them (`path,sha256=digest,size`). */

/** One file. */
export interface InstalledFile {
  /** Below the folder of packages; may lead out of it, to the environment's scripts. */
  readonly path: string;
  /** Such as `sha256`; empty where the digest is not listed. */
  readonly algorithm: string;
  /** Base64url without padding. */
  readonly digest: string;
  /** Undefined where it is not listed. */
  readonly sizeBytes: number | undefined;
}

/** Reads a RECORD; lines that are none are left out. */
export function readInstalledFiles(text: string): InstalledFile[] {
  const files: InstalledFile[] = [];
  for (const row of rows(text)) {
    const [path = '', hash = '', size = ''] = fields(row);
    if (path === '') continue;
    const at = hash.indexOf('=');
    files.push({
      path,
      algorithm: at < 0 ? '' : hash.slice(0, at),
      digest: at < 0 ? '' : hash.slice(at + 1).replace(/=+$/, ''),
      sizeBytes: /^\d+$/.test(size) ? Number(size) : undefined,
    });
  }
  return files;
}

/** What lists of packages need of a RECORD, without making anything for each of its lines: there are thousands. */
export function summarizeInstalledFiles(text: string): { sizeBytes: number; modules: string[] } {
  let sizeBytes = 0;
  const modules = new Set<string>();
  let done = '\n'; // the folder that the last line told all about: the lines of a folder stand together
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    sizeBytes += lastNumber(text, start, end);
    if (text.startsWith(done, start)) continue;
    const slash = text.indexOf('/', start);
    const top = slash < 0 || slash > end ? '' : text.slice(start, slash);
    const isFolder = top !== '' && !top.startsWith('"');
    if (isFolder && !isModuleName(top)) {
      done = `${top}/`;
      continue;
    }
    const path = text.slice(start, text.indexOf(',', start));
    if (!/\.(?:py|pyc|so|pyd)$/.test(path)) continue;
    const module = isFolder ? top : path.slice(0, path.indexOf('.'));
    if (!isModuleName(module)) continue;
    modules.add(module);
    if (isFolder) done = `${top}/`;
  }
  return { sizeBytes, modules: [...modules].sort() };
}

function isModuleName(name: string): boolean {
  return name !== '__pycache__' && /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name);
}

/** The whole number behind the last comma of a line; 0 where there is none. */
function lastNumber(text: string, start: number, end: number): number {
  let at = end - 1;
  if (text.charCodeAt(at) === 13) at--;
  let number = 0;
  for (let unit = 1; at > start; at--, unit *= 10) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) break;
    number += digit * unit;
  }
  return text.charCodeAt(at) === 44 && Number.isSafeInteger(number) ? number : 0;
}

function* rows(text: string): Generator<string> {
  let start = 0;
  while (start < text.length) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    const row = text.charCodeAt(end - 1) === 13 ? text.slice(start, end - 1) : text.slice(start, end);
    if (row !== '') yield row;
    start = end + 1;
  }
}

/** Fields of a line of comma-separated values; one with a comma in it stands in quotes. */
function fields(row: string): string[] {
  if (!row.includes('"')) return row.split(',');
  return [...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
  );
}
