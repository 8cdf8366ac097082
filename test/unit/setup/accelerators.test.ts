/** Which accelerator a machine has, with fake tools of its drivers on the PATH. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createAcceleratorDetection } from '../../../src/venvs/naming/accelerator.ts';
import { createTestFolder } from '../../integration/setup/test-home.ts';
import { processesMarked } from '../../support/processes.ts';
import { until } from '../../support/until.ts';

/** What the fake tools do, as the bodies of shell scripts. */
async function detect(tools: Readonly<Record<string, string>>, timeoutMs?: number) {
  await using folder = await createTestFolder();
  const bin = join(folder.path, 'bin');
  mkdirSync(bin);
  for (const [name, body] of Object.entries(tools)) {
    writeFileSync(join(bin, name), `#!/bin/sh\necho x >> ${join(folder.path, 'calls')}\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const detection = createAcceleratorDetection({ PATH: `${bin}:/usr/bin:/bin` }, timeoutMs);
  const answers = [await detection(), await detection()];
  const calls = join(folder.path, 'calls');
  return { answers, calls: existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n').length : 0 };
}

test.each([
  ['nothing', {}, 'cpu'],
  ['rocm-smi', { 'rocm-smi': 'exit 0' }, 'rocm'],
  ['nvidia-smi that names CUDA', { 'nvidia-smi': 'echo "CUDA Version: 12.4"' }, 'cuda'],
  ['nvidia-smi without CUDA', { 'nvidia-smi': 'echo "no devices were found"' }, 'cpu'],
  ['nvidia-smi that fails', { 'nvidia-smi': 'echo CUDA; exit 9' }, 'cpu'],
  ['vulkaninfo', { vulkaninfo: 'exit 0' }, 'vulkan'],
  ['all of them', { 'rocm-smi': 'exit 0', 'nvidia-smi': 'echo CUDA', vulkaninfo: 'exit 0' }, 'rocm'],
  ['a broken one before a good one', { 'rocm-smi': 'exit 1', vulkaninfo: 'exit 0' }, 'vulkan'],
  ['endless output', { 'nvidia-smi': 'yes CUDA | head -c 5000000' }, 'cuda'],
] as const)('%s: %j', async (_what, tools, accelerator) => {
  const { answers, calls } = await detect(tools);
  expect(answers).toEqual([accelerator, accelerator]);
  expect(calls).toBe(Object.keys(tools).length); // once, though it was asked twice
});

test('a tool that hangs holds nobody up for longer than its time, and is gone with what it started', async () => {
  const marker = `hang-${process.pid}`;
  const hang = `sh -c 'trap "" TERM; sleep 3600; : ${marker}'`;
  const { answers } = await detect({ 'rocm-smi': hang, vulkaninfo: 'exit 0' }, 500);
  expect(answers).toEqual(['vulkan', 'vulkan']);
  await until('all of it is gone', () => processesMarked(marker).length === 0);
});
