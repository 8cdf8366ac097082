/** An environment that is not ours as something to copy: its interpreter, and what is installed in it. */
import type { PackageIndex } from '../uv/package-index.ts';
import type { Original, Pythons } from './changes/decisions.ts';
import { readExternal } from './installed/external.ts';
import { readInstalledPackages } from './installed/packages.ts';
import { installedPins } from './installed/pins.ts';
import { findSitePackages } from './installed/site-packages.ts';
import { type RequirementPolicy, readPackageRequests } from './requirements/requirement.ts';
import { nothingWanted } from './requirements/wanted.ts';
import { externalEnvironment } from './resolve.ts';

/** What reading it needs. */
export interface ExternalOriginalOptions {
  readonly pythons: Pythons;
  readonly index: () => Promise<PackageIndex>;
  readonly policy: RequirementPolicy;
}

/** Reads it; throws VENV_NOT_FOUND, VENV_BROKEN, and PACKAGE_SPEC_INVALID for a package that no index has. */
export async function externalOriginal(
  given: string,
  { pythons, index, policy }: ExternalOriginalOptions,
): Promise<Original> {
  const environment = await externalEnvironment(given);
  const { path, version, implementation, basePath } = await readExternal(environment);
  // Its files are nobody's: what stands in them is read as if a caller had written it.
  const pins = await readPackageRequests(await installedPins(path), policy, 'installed');
  const packages = await readInstalledPackages(findSitePackages(environment));
  const [major, minor] = version.split('.');
  return {
    name: path,
    facts: {},
    requested: packages.filter(({ requested }) => requested).map(({ name }) => name),
    satisfies: [],
    async recipe() {
      const same = await pythons.again({ version, path: basePath });
      const python =
        same ?? (await pythons.find(`${implementation === 'cpython' ? '' : implementation}${major}.${minor}`));
      const texts = pins.map(({ text }) => text);
      return { python, pins: texts, wanted: nothingWanted, upgrade: false, index, pinIndex: index };
    },
  };
}
