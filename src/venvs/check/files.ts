/** Whether every file of every package is what was installed, by the digests in their RECORD. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readInstalledFiles } from '../installed/files.ts';
import { distributionName, type SitePackages } from '../installed/site-packages.ts';
import type { EnvironmentProblem } from './problem.ts';

/** More than this and only their number is told. */
const maxProblems = 1000;
const filesAtOnce = 8;
const maxRecordBytes = 32 * 1024 * 1024;

/** Looks at each of them; one that is there and belongs to no package is none of its business. */
export async function checkFiles(site: SitePackages, signal?: AbortSignal): Promise<EnvironmentProblem[]> {
  const problems: EnvironmentProblem[] = [];
  const folders = (await readdir(site.path)).filter((name) => name.endsWith('.dist-info')).sort();
  const waiting = folders[Symbol.iterator]();
  const checkNext = async (): Promise<void> => {
    for (const folder of waiting) await checkPackage(site, folder, problems, signal);
  };
  await Promise.all(Array.from({ length: filesAtOnce }, checkNext));
  problems.sort((a, b) => (a.subject < b.subject ? -1 : 1));
  if (problems.length <= maxProblems) return problems;
  const more = problems.length - maxProblems;
  return [...problems.slice(0, maxProblems), { subject: 'files', message: `${more} more are not what was installed` }];
}

async function checkPackage(
  site: SitePackages,
  folder: string,
  problems: EnvironmentProblem[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const name = distributionName(folder);
  const repair = `uninstall and install ${name}`;
  const record = await readRecord(join(site.path, folder, 'RECORD'));
  if (record === undefined) {
    problems.push({
      subject: name,
      message: `it has no RECORD that can be read, so its files cannot be checked; ${repair}`,
    });
    return;
  }
  for (const { path, algorithm, digest } of readInstalledFiles(record)) {
    signal?.throwIfAborted();
    if (digest === '') continue; // such as what Python compiles, and RECORD itself
    const file = resolve(site.path, path);
    const subject = relative(site.root, file);
    if (subject === '..' || subject.startsWith(`..${sep}`)) {
      problems.push({ subject: name, message: `its RECORD names a file outside of the environment; ${repair}` });
      continue;
    }
    const why = await whyNot(file, algorithm, digest);
    if (why !== undefined) problems.push({ subject, message: `${why}; ${repair}` });
  }
}

async function whyNot(file: string, algorithm: string, digest: string): Promise<string | undefined> {
  if (!/^sha(?:256|384|512)$/.test(algorithm)) return `its digest is of an unknown kind, ${algorithm}`;
  const stat = await lstat(file).catch(() => undefined);
  if (stat === undefined) return 'it is missing';
  if (!stat.isFile()) return 'it is no file any more';
  try {
    const hash = createHash(algorithm);
    await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
    return hash.digest('base64url') === digest ? undefined : 'it was changed after it was installed';
  } catch {
    return 'it cannot be read';
  }
}

async function readRecord(path: string): Promise<string | undefined> {
  const stat = await lstat(path).catch(() => undefined);
  if (stat === undefined || !stat.isFile() || stat.size > maxRecordBytes) return undefined;
  return await readFile(path, 'utf8').catch(() => undefined);
}
