/** What a figure was measured on and with, without what would tell whose machine it is. */
import { readFile } from 'node:fs/promises';
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Interpreter } from './interpreter.ts';
import { peerVersions } from './peers/environment.ts';
import { root } from './places.ts';

/** The facts. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  /** Of the sessions and the peers. */
  readonly python: string;
  /** Of the gateway's workers. */
  readonly workerPython: string;
  /** Of what the peers and the client are made of, by package. */
  readonly packages: Readonly<Record<string, string>>;
}

/** Asks the machine; `home` is the gateway's. */
export async function machineFacts(interpreter: Interpreter, home: string): Promise<Machine> {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `${platform()} ${release()} ${arch()}`,
    node: process.versions.node,
    python: interpreter.version,
    workerPython: await pythonOf(join(home, 'admin')),
    packages: { ...(await peerVersions()), '@grpc/grpc-js': await versionOf('@grpc/grpc-js') },
  };
}

/** How many processes wanted to run in the last minute, on average. */
export function load(): number {
  return Math.round((loadavg()[0] as number) * 100) / 100;
}

/** The set-up writes down which Python it made an environment from. */
async function pythonOf(environment: string): Promise<string> {
  return (JSON.parse(await readFile(join(environment, 'beep-python.json'), 'utf8')) as { python: string }).python;
}

async function versionOf(name: string): Promise<string> {
  const text = await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
