import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a package came from that no index had (PEP 610), as a requirement names it; undefined for all others. */
export async function readDirectUrl(distInfoFolder: string): Promise<string | undefined> {
  const text = await readFile(join(distInfoFolder, 'direct_url.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const { url, vcs_info: vcs } = JSON.parse(text);
    if (typeof url !== 'string' || /[\s\p{Cc}]/u.test(url)) return undefined;
    const isPinned = typeof vcs?.vcs === 'string' && typeof vcs.commit_id === 'string';
    return isPinned ? `${vcs.vcs}+${url}@${vcs.commit_id}` : url;
  } catch {
    return undefined; // it is a file that anybody may have written
  }
}
