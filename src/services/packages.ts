/** VenvService's methods that look into an environment: its packages, whether it is sound, and what a change would do. */
import { create } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { Call, ServiceImpl } from '../call.ts';
import { errors } from '../errors.ts';
import {
  CheckLevel,
  CheckVenvResponseSchema,
  ExportFormat,
  ExportVenvResponseSchema,
  type IndexOptions,
  ListPackagesResponseSchema,
  PlanPackagesResponseSchema,
  type VenvService,
} from '../gen/es/beep/python/v1/venv_pb.ts';
import type { AskedIndex, ResolveIndex } from '../uv/package-index.ts';
import type { UvPlaces } from '../uv/run.ts';
import { type CheckOptions, checkEnvironment } from '../venvs/check-environment.ts';
import type { EnvironmentInForce } from '../venvs/environment-in-force.ts';
import { exportLock, exportRequirements } from '../venvs/export-environment.ts';
import { readInstalledPackages } from '../venvs/installed-packages.ts';
import { planPackages } from '../venvs/plan.ts';
import { normalizedName } from '../venvs/requirement.ts';
import { askedIndex, readRequirements } from '../venvs/requirements.ts';
import type { RequirementsPolicy } from '../venvs/requirements-text.ts';
import type { ResolveEnvironment } from '../venvs/resolve.ts';
import { findSitePackages } from '../venvs/site-packages.ts';

/** What the methods need. */
export interface PackageServiceOptions {
  readonly places: UvPlaces;
  readonly resolveEnvironment: ResolveEnvironment;
  readonly resolveIndex: ResolveIndex;
  readonly policy: RequirementsPolicy;
  /** What an empty name stands for. */
  readonly defaultVenv: string;
  /** What an environment's record says was asked for, as requirements; undefined where there is none. */
  readonly requestedIn: (environment: EnvironmentInForce) => Promise<readonly string[] | undefined>;
}

type PackageMethods = Pick<
  ServiceImpl<typeof VenvService>,
  'listPackages' | 'checkVenv' | 'exportVenv' | 'planPackages'
>;

/** Makes the methods. */
export function createPackageService(options: PackageServiceOptions): Required<PackageMethods> {
  const { places, resolveIndex, policy } = options;
  const resolve = (name: string) => options.resolveEnvironment(name || options.defaultVenv);
  /** Whether a package was asked for by name: the record knows, else the installer may have noted it. */
  const requestedIn = async (environment: EnvironmentInForce) => {
    const recorded = await options.requestedIn(environment);
    const names = recorded && new Set(recorded.map(requestedName));
    return (name: string, noted: boolean) => names?.has(normalizedName(name)) ?? noted;
  };

  return {
    async listPackages({ message: { name } }) {
      const environment = await resolve(name);
      const isRequested = await requestedIn(environment);
      const packages = await readInstalledPackages(findSitePackages(environment));
      return create(ListPackagesResponseSchema, {
        packages: packages.map(({ sizeBytes, requested, ...facts }) => ({
          name: facts.name,
          version: facts.version,
          summary: facts.summary,
          license: facts.license,
          modules: [...facts.modules],
          requires: [...facts.requires],
          requiredBy: [...facts.requiredBy],
          sizeBytes: BigInt(sizeBytes),
          requested: isRequested(facts.name, requested),
        })),
      });
    },

    async checkVenv({ message: { name, level, modules } }, { signal }: Call) {
      const environment = await resolve(name);
      const problems = await checkEnvironment(environment, {
        places,
        level: levels[level] ?? 'interpreter',
        modules,
        isRequested: await requestedIn(environment),
        signal,
      });
      return create(CheckVenvResponseSchema, { sound: problems.length === 0, problems });
    },

    async exportVenv({ message: { name, format } }, { signal }: Call) {
      const environment = await resolve(name);
      const text =
        format === ExportFormat.PYLOCK
          ? await exportLock(environment, { places, index: await resolveIndex(), signal })
          : await exportRequirements(environment);
      return create(ExportVenvResponseSchema, { text });
    },

    async planPackages({ message: { name, packages, requirements, upgrade, index } }, { signal }: Call) {
      const environment = await resolve(name);
      const asked = await readRequirements(packages, requirements, policy);
      if (asked.lock === undefined && asked.requests.length === 0) {
        throw errors.invalidArgument('nothing is asked for: give packages or requirements', { field: 'packages' });
      }
      const { changes, downloadBytes } = await planPackages(environment, {
        places,
        requirements: asked,
        index: await resolveIndex(askedIndex(indexOptions(index), asked)),
        upgrade,
        pythonVersion: findSitePackages(environment).pythonVersion,
        signal,
      });
      return create(PlanPackagesResponseSchema, { changes: [...changes], downloadBytes: BigInt(downloadBytes) });
    },
  };
}

const levels: Readonly<Partial<Record<CheckLevel, CheckOptions['level']>>> = {
  [CheckLevel.INTERPRETER]: 'interpreter',
  [CheckLevel.DEPENDENCIES]: 'dependencies',
  [CheckLevel.FILES]: 'files',
  [CheckLevel.IMPORTS]: 'imports',
};

/** The options of a request as those who call uv know them. */
function indexOptions(options: IndexOptions | undefined): Partial<AskedIndex> | undefined {
  if (options === undefined) return undefined;
  const { excludeNewer } = options;
  return { ...options, excludeNewer: excludeNewer && timestampDate(excludeNewer) };
}
