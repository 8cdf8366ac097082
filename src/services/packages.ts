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
  type PlanPackagesRequest,
  PlanPackagesResponseSchema,
  type VenvService,
} from '../gen/es/beep/python/v1/venv_pb.ts';
import type { AskedIndex, PackageIndex, ResolveIndex } from '../uv/package-index.ts';
import { type CheckOptions, checkEnvironment } from '../venvs/check/environment.ts';
import type { EnvironmentInForce } from '../venvs/environment-in-force.ts';
import { indexOfPins } from '../venvs/generations/pin-sources.ts';
import { readRecorded } from '../venvs/generations/recorded.ts';
import { exportLock, exportRequirements } from '../venvs/installed/export.ts';
import { readInstalledPackages } from '../venvs/installed/packages.ts';
import { requirementName } from '../venvs/installed/pins.ts';
import { planPackages } from '../venvs/installed/plan.ts';
import { findSitePackages } from '../venvs/installed/site-packages.ts';
import type { HomeLayout } from '../venvs/layout.ts';
import { normalizedName } from '../venvs/requirements/requirement.ts';
import { askedIndex, readRequirements } from '../venvs/requirements/requirements.ts';
import type { RequirementsPolicy } from '../venvs/requirements/requirements-text.ts';
import type { ResolveEnvironment } from '../venvs/resolve.ts';

/** What the methods need. */
export interface PackageServiceOptions {
  readonly layout: HomeLayout;
  readonly resolveEnvironment: ResolveEnvironment;
  readonly resolveIndex: ResolveIndex;
  readonly policy: RequirementsPolicy;
  /** What an empty name stands for. */
  readonly defaultVenv: string;
}

type PackageMethods = Pick<
  ServiceImpl<typeof VenvService>,
  'listPackages' | 'checkVenv' | 'exportVenv' | 'planPackages'
>;

/** Makes the methods. */
export function createPackageService(options: PackageServiceOptions): Required<PackageMethods> {
  const { layout, resolveIndex, policy } = options;
  const resolve = (name: string) => options.resolveEnvironment(name || options.defaultVenv);
  /** Whether a package was asked for by name: the record knows, else its installer may have noted it. */
  const requestedIn = async (environment: EnvironmentInForce) => {
    const { requested } = await readRecorded(layout, environment);
    const names = requested && new Set(requested.map(requirementName));
    return (name: string, noted: boolean) => names?.has(normalizedName(name)) ?? noted;
  };
  /** The host's index, and before it those that the environment's packages came from. */
  const indexOf = async (environment: EnvironmentInForce): Promise<PackageIndex> => {
    const host = await resolveIndex();
    return indexOfPins(host, host, (await readRecorded(layout, environment)).sources);
  };

  /** An upgrade without names is one of all that was asked for before. */
  const plannedIn = async (environment: EnvironmentInForce, request: PlanPackagesRequest) => {
    const { packages, requirements, upgrade } = request;
    if (!upgrade || packages.length > 0 || requirements.trim() !== '') return packages;
    return (await readRecorded(layout, environment)).requested ?? [];
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
        places: layout,
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
          ? await exportLock(environment, { places: layout, index: await indexOf(environment), signal })
          : await exportRequirements(environment);
      return create(ExportVenvResponseSchema, { text });
    },

    async planPackages({ message: request }, { signal }: Call) {
      const { name, requirements, upgrade, index } = request;
      const environment = await resolve(name);
      const asked = await readRequirements(await plannedIn(environment, request), requirements, policy);
      if (asked.lock === undefined && asked.requests.length === 0) {
        throw errors.invalidArgument('nothing is asked for: give packages or requirements', { field: 'packages' });
      }
      const { changes, downloadBytes } = await planPackages(environment, {
        places: layout,
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
