import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root, run } from './program.ts';

const quiet = { code: 0, output: '' };

test('buf finds nothing to say about the proto files', async () => {
  expect(await run('buf', ['lint'])).toEqual(quiet);
});

test('our proto files are formatted as buf formats them', async () => {
  expect(await run('buf', ['format', '--diff', '--exit-code', '--path', 'proto/beep'])).toEqual(quiet);
});

test('lines of the public proto files have at most 120 characters', async () => {
  const { output } = await run('git', ['ls-files', 'proto/beep/python/v1', 'proto/beep/python/runtime']);
  const long = output
    .trim()
    .split('\n')
    .flatMap((path) =>
      readFileSync(join(root, path), 'utf8')
        .split('\n')
        .map((text, index) => ({ path, text, index })),
    )
    .filter(({ text }) => text.length > 120);
  expect(long.map(({ path, index }) => `${path}:${index + 1}`)).toEqual([]);
});
