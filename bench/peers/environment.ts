/** The peers' own environments: the sessions' interpreter with pinned packages, compiled, and stubs; and Node's packages. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Interpreter } from '../interpreter.ts';
import { cache, root } from '../places.ts';

/** Where the peers' programs find what they need. */
export interface PeerEnvironment {
  readonly folder: string;
  readonly python: string;
  /** Folder of the stubs and of `evaluate.binpb`, the descriptors. */
  readonly generated: string;
  /** Folder with the `node_modules` of pythonia. */
  readonly node: string;
}

const here = import.meta.dirname;
const requirements = join(here, 'requirements.txt');
const protoFolder = join(here, 'hand_written');
const run = promisify(execFile);

/** Makes the environment unless it is there; `home` has the uv that makes it. */
export async function ensurePeerEnvironment(home: string, interpreter: Interpreter): Promise<PeerEnvironment> {
  const digest = createHash('sha256')
    .update(interpreter.version)
    .update(interpreter.basePath)
    .update(await readFile(requirements))
    .update(await readFile(join(protoFolder, 'evaluate.proto')))
    .digest('hex');
  const folder = join(cache, 'peers', digest.slice(0, 12));
  const environment = {
    folder,
    python: join(folder, 'bin', 'python'),
    generated: join(folder, 'generated'),
    node: await ensureNodePackages(),
  };
  const stamp = join(folder, 'bench-is-done');
  if (existsSync(stamp)) return environment;
  await rm(join(cache, 'peers'), { recursive: true, force: true });
  const uv = join(home, 'admin', 'bin', 'uv');
  const options = { env: { ...process.env, UV_CACHE_DIR: join(root, '.cache', 'uv') } };
  await run(uv, ['venv', '--no-project', '--python', interpreter.basePath, folder], options);
  await run(
    uv,
    ['pip', 'install', '--compile-bytecode', '--python', environment.python, '--requirement', requirements],
    options,
  );
  await mkdir(environment.generated);
  await run(environment.python, [
    '-m',
    'grpc_tools.protoc',
    `--proto_path=${protoFolder}`,
    `--python_out=${environment.generated}`,
    `--grpc_python_out=${environment.generated}`,
    `--descriptor_set_out=${join(environment.generated, 'evaluate.binpb')}`,
    'evaluate.proto',
  ]);
  await writeFile(stamp, '');
  return environment;
}

async function ensureNodePackages(): Promise<string> {
  const source = join(here, 'pythonia');
  const lock = await readFile(join(source, 'package-lock.json'));
  const folder = join(cache, `pythonia-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`);
  if (existsSync(join(folder, 'node_modules'))) return folder;
  await mkdir(folder, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) await copyFile(join(source, name), join(folder, name));
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
  return folder;
}

/** Versions of the pinned packages that figures depend on. */
export async function peerVersions(): Promise<Record<string, string>> {
  const lines = (await readFile(requirements, 'utf8')).split('\n').map((line) => line.split('=='));
  return Object.fromEntries(lines.filter(([name]) => name === 'grpcio' || name === 'protobuf'));
}
