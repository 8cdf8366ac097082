/** The reference of the TypeScript client says what its code says. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { root } from '../integration/setup/test-home.ts';

test('the reference of the TypeScript client is fresh', { timeout: 60_000 }, async () => {
  const script = join(root, 'scripts', 'generate', 'client-reference.js');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, '--check']);
  expect(stdout + stderr).toBe('');
});
