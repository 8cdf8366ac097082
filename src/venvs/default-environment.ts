/** The environment of sessions that name none, made at the first start from the newest suitable interpreter. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { errors } from '../errors.ts';
import type { Logger } from '../log.ts';
import { newestSuitable } from '../runtimes/choose.ts';
import { findRuntimes } from '../runtimes/find.ts';
import { runUv } from '../uv/run.ts';
import type { EnvironmentInForce } from './environment-in-force.ts';
import { environmentFolder, generationFolder, generationNumber, type HomeLayout } from './layout.ts';
import { waitForLock } from './lock.ts';
import { currentGeneration, publishGeneration } from './publish.ts';
import { readRecord, withGeneration, writeRecord } from './record.ts';
import type { ResolveEnvironment } from './resolve.ts';

/** What it takes to make the default environment. */
export interface DefaultEnvironmentOptions {
  readonly layout: HomeLayout;
  readonly resolve: ResolveEnvironment;
  readonly log: Logger;
  readonly clock: Clock;
  /** Called once, when there is something to build. */
  readonly onBuild?: () => void;
}

/** Name of the default environment. */
export const defaultName = 'default';

const buildTimeoutMs = 120_000;

/** The default environment; made if it is not there, or if the interpreter that it was made from is gone. */
export async function ensureDefaultEnvironment(options: DefaultEnvironmentOptions): Promise<EnvironmentInForce> {
  const ready = await options.resolve(defaultName).catch(() => undefined);
  if (ready !== undefined) return ready;
  const { layout, resolve } = options;
  const folder = environmentFolder(layout, defaultName);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  using _lock = await waitForLock(`${folder}.lock`, layout.adminPython);
  const doneMeanwhile = await resolve(defaultName).catch(() => undefined);
  if (doneMeanwhile !== undefined) return doneMeanwhile;
  options.onBuild?.();
  await build(options, folder);
  return await resolve(defaultName);
}

async function build({ layout, log, clock }: DefaultEnvironmentOptions, folder: string): Promise<void> {
  const runtime = newestSuitable(await findRuntimes({ managedFolder: layout.runtimes, env: process.env }));
  const inForce = currentGeneration(folder);
  const generation = (inForce ?? 0) + 1;
  await sweepLeftovers(folder, inForce);
  const path = generationFolder(layout, defaultName, generation);
  const result = await runUv(
    layout,
    ['venv', '--no-project', '--prompt', defaultName, '--python', runtime.path, path],
    {
      timeoutMs: buildTimeoutMs,
    },
  );
  if (result.exitCode !== 0) {
    throw errors.fromReason(
      'RUNTIME_BROKEN',
      `the default environment could not be made from ${runtime.path}: ${result.stderr.trim()}`,
    );
  }
  const createdAt = new Date(clock.now()).toISOString();
  const python = { version: runtime.version, path: runtime.path };
  const record = await readRecord(folder);
  await writeRecord(
    folder,
    withGeneration(record, defaultName, { generation, createdAt, reason: record ? 'repaired' : 'created', python }),
  );
  await publishGeneration(folder, `gen-${String(generation).padStart(4, '0')}`);
  log.info({ name: defaultName, generation, python: runtime.version }, 'made the default environment');
}

/** Generations above the one in force were never published: a start that was killed left them. */
async function sweepLeftovers(folder: string, inForce: number | undefined): Promise<void> {
  for (const name of await readdir(folder)) {
    const number = generationNumber(name);
    if (number !== undefined && number > (inForce ?? 0)) await rm(join(folder, name), { recursive: true, force: true });
  }
}
