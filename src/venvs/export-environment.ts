/** An environment's packages as a text that makes it again elsewhere. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackageIndex } from '../uv/package-index.ts';
import { withoutCredentials } from '../uv/redact.ts';
import type { UvPlaces } from '../uv/run.ts';
import type { EnvironmentInForce } from './environment-in-force.ts';
import { readInstalledPackages } from './installed-packages.ts';
import { lockPins } from './lock-pins.ts';
import { normalizedName } from './requirement.ts';
import { findSitePackages } from './site-packages.ts';

/** `name==version` lines, as pip reads them; `name @ URL` for what was installed by one. */
export async function exportRequirements(environment: EnvironmentInForce): Promise<string> {
  const pins = await pinsOf(environment);
  return pins.map((pin) => `${pin}\n`).join('');
}

/** A pylock.toml (PEP 751) with digests, for which the index is asked. */
export async function exportLock(
  environment: EnvironmentInForce,
  options: { readonly places: UvPlaces; readonly index: PackageIndex; readonly signal?: AbortSignal },
): Promise<string> {
  return bare(await lockPins(await pinsOf(environment), environment, options));
}

async function pinsOf(environment: EnvironmentInForce): Promise<string[]> {
  const site = findSitePackages(environment);
  const packages = await readInstalledPackages(site);
  return await Promise.all(
    packages.map(async ({ name, version, folder }) => {
      const url = await directUrl(join(site.path, folder));
      return url === undefined ? `${normalizedName(name)}==${version}` : `${normalizedName(name)} @ ${url}`;
    }),
  );
}

/** Where a package came from that no index had (PEP 610), without credentials. */
async function directUrl(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, 'direct_url.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const { url, vcs_info: vcs } = JSON.parse(text);
    if (typeof url !== 'string' || /[\s\p{Cc}]/u.test(url)) return undefined;
    const isPinned = typeof vcs?.vcs === 'string' && typeof vcs.commit_id === 'string';
    return bare(isPinned ? `${vcs.vcs}+${url}@${vcs.commit_id}` : url);
  } catch {
    return undefined;
  }
}

/** Addresses as those who have credentials of their own can use them. */
function bare(text: string): string {
  return withoutCredentials(text).replaceAll('//***@', '//');
}
