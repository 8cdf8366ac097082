/** A gateway with environments and a package cache of its own, over an index of a test's own. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createTestHome } from '../integration/setup/test-home.ts';
import { startGateway, type TestGateway, type TestGatewayOptions } from './gateway.ts';
import { type PackageIndexOptions, startPackageIndex, type TestIndex } from './package-index.ts';
import { createVenvClient, type VenvClient } from './venv-client.ts';
import { makeWheel, type PackageFacts } from './wheel.ts';

/** All that such a test needs. */
export interface VenvGateway extends AsyncDisposable {
  readonly home: string;
  readonly index: TestIndex;
  /** The one that runs now. */
  readonly gateway: TestGateway;
  readonly venvs: VenvClient;
  /** Where an environment lies. */
  folder(name: string): string;
  /** Starts a gateway on the same home; the one before has to be gone. */
  restart(): Promise<void>;
}

/** What may be different. */
export interface VenvGatewayOptions {
  readonly index?: PackageIndexOptions;
  readonly flags?: readonly string[];
  readonly tokens?: readonly string[];
  readonly env?: TestGatewayOptions['env'];
}

/** Packages that need each other: `tree` needs `leaf`. */
export const forest: readonly PackageFacts[] = [
  { name: 'leaf', version: '1.0' },
  { name: 'leaf', version: '1.1' },
  { name: 'tree', version: '1.0', requires: ['leaf'] },
  { name: 'tree', version: '2.0', requires: ['leaf>=1.1'] },
  { name: 'stone', version: '3.0' },
];

/** Starts both; a home that is given is not removed. */
export async function startVenvGateway(options: VenvGatewayOptions = {}): Promise<VenvGateway> {
  const index = await startPackageIndex({ files: forest.map(makeWheel), ...options.index });
  const made = await createTestHome();
  const { home } = made;
  const cache = join(home, 'cache');
  mkdirSync(cache);
  const flags = ['--package-index', index.url, '--package-cache', cache, '--workers', '1', ...(options.flags ?? [])];
  const start = () =>
    startGateway({
      home,
      flags,
      ...(options.tokens && { tokens: options.tokens }),
      ...(options.env && { env: options.env }),
    });
  let gateway = await start();
  let venvs = createVenvClient(gateway);
  return {
    home,
    index,
    get gateway() {
      return gateway;
    },
    get venvs() {
      return venvs;
    },
    folder: (name) => join(home, 'envs', name),
    async restart() {
      await gateway.stop().catch(() => {}); // it may have been killed
      gateway = await start();
      venvs = createVenvClient(gateway);
    },
    async [Symbol.asyncDispose]() {
      try {
        await gateway.stop();
      } finally {
        await index[Symbol.asyncDispose]();
        await made[Symbol.asyncDispose]();
      }
    },
  };
}
