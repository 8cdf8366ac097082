/** An environment's packages as a text that makes it again elsewhere. */
import { join } from 'node:path';
import type { PackageIndex } from '../../uv/package-index.ts';
import { withoutCredentials } from '../../uv/redact.ts';
import type { UvPlaces } from '../../uv/run.ts';
import type { EnvironmentInForce } from '../environment-in-force.ts';
import { normalizedName } from '../requirements/requirement.ts';
import { readDirectUrl } from './direct-url.ts';
import { lockPins } from './lock-pins.ts';
import { readInstalledPackages } from './packages.ts';
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
      const url = await readDirectUrl(join(site.path, folder));
      return url === undefined ? `${normalizedName(name)}==${version}` : `${normalizedName(name)} @ ${bare(url)}`;
    }),
  );
}

/** Addresses as those who have credentials of their own can use them. */
function bare(text: string): string {
  return withoutCredentials(text).replaceAll('//***@', '//');
}
