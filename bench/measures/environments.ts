/** Environments: made empty and with packages, ensured again, and listed. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { VenvService } from '../../src/gen/es/beep/python/v1/venv_pb.ts';
import { connectTo } from '../clients/gateway.ts';
import { change } from '../clients/venvs.ts';
import type { Context, Measure } from '../measure.ts';
import { createPlainUv } from '../peers/plain-uv.ts';
import { cache } from '../places.ts';
import { timed } from '../sampling.ts';

const run = promisify(execFile);
const packages = ['numpy', 'pandas'];

const emptyOurs = 'beep-python, `CreateVenv`, empty';
const uvVenv = '`uv venv`';
const uvVenvAnd60 = '`uv venv`, and 60 ms';
const pythonVenv = '`python -m venv`';

/** An environment without packages. */
export const emptyEnvironment: Measure = {
  id: 'venv-empty',
  title: 'An empty environment',
  unit: 'ms',
  quick: { rounds: 4, perRound: 1, warmUp: 1 },
  full: { rounds: 10, perRound: 2, warmUp: 1 },
  comparisons: [
    { id: 'venv-empty', ours: emptyOurs, peers: [uvVenvAnd60] },
    { id: 'venv-empty-python', ours: emptyOurs, peers: [pythonVenv] },
  ],
  async open(context) {
    const { create, plain, uv, python } = await makers(context);
    return [
      { name: emptyOurs, sample: () => create([]) },
      { name: uvVenv, sample: () => plain((folder) => uv.venv(folder)) },
      // What is asked for is not a ratio: no more than so much on top.
      { name: uvVenvAnd60, sample: async () => 60 + (await plain((folder) => uv.venv(folder))) },
      { name: pythonVenv, sample: () => plain((folder) => run(python, ['-m', 'venv', folder])) },
    ];
  },
};

const filledOurs = 'beep-python, `CreateVenv` with numpy and pandas';
const uvFilled = '`uv venv` and `uv pip install`';
const pipFilled = '`python -m venv` and `pip install`';

/** An environment with packages that the caches hold. */
export const filledEnvironment: Measure = {
  id: 'venv-packages',
  title: 'An environment with numpy and pandas, from a warm cache',
  unit: 'ms',
  quick: { rounds: 3, perRound: 1, warmUp: 1 },
  full: { rounds: 10, perRound: 1, warmUp: 1 },
  comparisons: [
    { id: 'venv-packages', ours: filledOurs, peers: [uvFilled] },
    { id: 'venv-packages-pip', ours: filledOurs, peers: [pipFilled] },
  ],
  async open(context) {
    const { create, plain, uv, python } = await makers(context);
    const withUv = async (folder: string) => {
      await uv.venv(folder);
      await uv.install(folder, packages);
    };
    const withPip = async (folder: string) => {
      await run(python, ['-m', 'venv', folder]);
      await run(join(folder, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', ...packages]);
    };
    return [
      { name: filledOurs, sample: () => create(packages) },
      { name: uvFilled, sample: () => plain(withUv) },
      { name: pipFilled, sample: () => plain(withPip) },
    ];
  },
};

const ensureOurs = 'beep-python, `EnsureVenv` of what is there';
const twoMs = '2 ms, which are allowed';

/** An environment that is there already. */
export const ensuredEnvironment: Measure = {
  id: 'venv-ensure',
  title: 'Ensuring an environment that is there, with numpy and pandas',
  unit: 'ms',
  quick: { rounds: 6, perRound: 20, warmUp: 50 },
  full: { rounds: 20, perRound: 50, warmUp: 200 },
  comparisons: [{ id: 'venv-ensure', ours: ensureOurs, peers: [twoMs] }],
  async open(context) {
    const caller = context.stack.use(connectTo(context.gateway));
    const name = `bench-${process.pid}-ensured`;
    const ensure = () => change(caller, VenvService.method.ensureVenv, { name, spec: { packages } });
    await ensure();
    context.stack.defer(() => void caller.unary(VenvService.method.deleteVenv, { name }).catch(() => {}));
    return [
      {
        name: ensureOurs,
        sample: () =>
          timed(async () => {
            if (!(await ensure()).unchanged) throw new Error('it was made again');
          }),
      },
      { name: twoMs, sample: async () => 2 },
    ];
  },
};

const listOurs = 'beep-python, `ListPackages`';
const fifteenMs = '15 ms, which are allowed';
const pipList = '`pip list`';

/** The packages of an environment. */
export const listedPackages: Measure = {
  id: 'venv-list',
  title: 'The list of 100 packages',
  unit: 'ms',
  quick: { rounds: 4, perRound: 5, warmUp: 2 },
  full: { rounds: 10, perRound: 10, warmUp: 5 },
  comparisons: [
    { id: 'venv-list', ours: listOurs, peers: [fifteenMs] },
    { id: 'venv-list-pip', ours: listOurs, peers: [pipList] },
  ],
  async open(context) {
    const caller = context.stack.use(connectTo(context.gateway));
    const folder = await scratch(context);
    const python = join(folder, 'bin', 'python');
    await run(context.interpreter.basePath, ['-m', 'venv', folder]);
    await fill(join(folder, 'lib'), 99); // and pip itself
    return [
      {
        name: listOurs,
        sample: () =>
          timed(async () => {
            const { packages } = await caller.unary(VenvService.method.listPackages, { name: folder });
            if (packages.length < 100) throw new Error(`${packages.length} packages were listed`);
          }),
      },
      { name: fifteenMs, sample: async () => 15 },
      { name: pipList, sample: () => timed(() => run(python, ['-m', 'pip', 'list'])) },
    ];
  },
};

/** Ways to make an environment; each is deleted again, which does not count. */
async function makers(context: Context) {
  const { gateway, interpreter, stack } = context;
  const caller = stack.use(connectTo(gateway));
  const python = interpreter.basePath;
  const folder = await scratch(context);
  let count = 0;
  return {
    python,
    uv: await createPlainUv(gateway.home, python),
    async create(packages: readonly string[]): Promise<number> {
      const name = `bench-${process.pid}-${count++}`;
      const spec = { python, packages: [...packages] };
      const tookMs = await timed(() => change(caller, VenvService.method.createVenv, { name, spec }));
      await caller.unary(VenvService.method.deleteVenv, { name });
      return tookMs;
    },
    async plain(make: (folder: string) => Promise<unknown>): Promise<number> {
      const path = join(folder, String(count++));
      const tookMs = await timed(() => make(path));
      await rm(path, { recursive: true });
      return tookMs;
    },
  };
}

/** A folder of the measure's own, gone when it is over. */
async function scratch({ stack }: Context): Promise<string> {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'venvs-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Packages as they lie when they are installed: a module, metadata and the list of files. */
async function fill(lib: string, count: number): Promise<void> {
  const [version] = await readdir(lib);
  const sitePackages = join(lib, version as string, 'site-packages');
  for (let at = 0; at < count; at++) {
    const [name, info] = [`package_${at}`, `package_${at}-1.${at}.dist-info`];
    const files: Record<string, string> = {
      [`${name}.py`]: 'answer = 42\n',
      [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.${at}\nSummary: one of many\nRequires-Dist: package_${(at + 1) % count}\n\n${'It does nothing.\n'.repeat(200)}`,
      [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
      [`${info}/top_level.txt`]: `${name}\n`,
    };
    const paths = [...Object.keys(files), `${info}/RECORD`];
    files[`${info}/RECORD`] = `${paths.map((path) => `${path},,`).join('\n')}\n`;
    await mkdir(join(sitePackages, info));
    for (const [path, text] of Object.entries(files)) await writeFile(join(sitePackages, path), text);
  }
}

/** All of them. */
export const environments: readonly Measure[] = [
  emptyEnvironment,
  filledEnvironment,
  ensuredEnvironment,
  listedPackages,
];
