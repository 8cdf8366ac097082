/** Calls a gateway as its description allows, and as it does not, by a program that is not ours. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestFolder } from '../../integration/setup/test-home.ts';
import { description } from '../../support/described.ts';
import { buildTimeoutMs, schemathesisEnvironment } from '../../support/environments.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { run } from '../program.ts';

/** How much is tried. */
export interface Amount {
  /** Cases for each operation that are made up. */
  readonly examples: number;
  /** Also every bound of every schema, from both sides. */
  readonly phases: readonly ('examples' | 'coverage' | 'fuzzing' | 'stateful')[];
  readonly seeds: readonly number[];
  /** Operations that are left out. */
  readonly without?: readonly string[];
  readonly timeoutMs: number;
}

/** The test, in its short or its long form. */
export function testDescription({ examples, phases, seeds, without = [], timeoutMs }: Amount): void {
  let gateway: TestGateway;
  let environment: string;

  beforeAll(async () => {
    environment = await schemathesisEnvironment();
    gateway = await startGateway();
  }, buildTimeoutMs);

  afterAll(() => gateway?.stop());

  test.for(seeds)(
    'what the description says is so, whatever is sent (seed %i)',
    { timeout: timeoutMs },
    async (seed, { signal }) => {
      // It keeps what failed in the folder that it runs in, and begins with that the next time.
      await using folder = await createTestFolder();
      const { paths } = await description(gateway.http);
      const streams = Object.values(paths)
        .flatMap((operations) => Object.values(operations))
        .filter((operation) => operation['x-stream'] !== undefined)
        .map(({ operationId }) => operationId);
      const { code, output } = await run(
        join(environment, 'bin', 'schemathesis'),
        [
          ...['--config-file', join(import.meta.dirname, 'schemathesis.toml')],
          ...['run', `${gateway.http}/openapi.json`, '--no-color'],
          ...['--header', `Authorization: Bearer ${gateway.token()}`],
          ...['--phases', phases.join(), '--max-examples', String(examples), '--seed', String(seed)],
          ...['--generation-database', 'none', '--suppress-health-check', 'all', '--request-timeout', '20'],
          // Bodies of streams are envelopes, which schemathesis has no word for either; the transports' own tests have them.
          // Made-up names would become environments of this machine.
          ...['--exclude-path-regex', '^/(api/)?venv/(create|install)$'],
          ...[...streams, ...without].flatMap((operationId) => ['--exclude-operation-id', operationId]),
        ],
        { PYTHONPATH: import.meta.dirname, PYTHONDONTWRITEBYTECODE: '1', SCHEMATHESIS_HOOKS: 'checks' },
        { cwd: folder.path, signal },
      );
      expect(code, output).toBe(0);
      expect(output).toMatch(/\d+ generated/);
    },
  );
}
