import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ensureToken, readTokens, tokenFilePath } from '../../../src/tokens.ts';
import { createTestFolder } from '../../integration/setup/test-home.ts';

test('the first token has 256 bits and only its owner can read it', async () => {
  await using folder = await createTestFolder();
  const path = await ensureToken(folder.path);
  expect(path).toBe(tokenFilePath(folder.path));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(Buffer.from(readFileSync(path, 'utf8').trim(), 'base64url')).toHaveLength(32);
  expect(readdirSync(folder.path)).toEqual(['token']);
});

test('a token that is there stays', async () => {
  await using folder = await createTestFolder();
  await ensureToken(folder.path);
  const [before] = await readTokens(folder.path);
  await ensureToken(folder.path);
  expect(await readTokens(folder.path)).toEqual([before]);
  expect(before?.name).toBe('default');
});

test('many who make the first token at once get the same one', async () => {
  await using folder = await createTestFolder();
  const tokens = await Promise.all(
    Array.from({ length: 20 }, async () => {
      await ensureToken(folder.path);
      return (await readTokens(folder.path))[0]?.token;
    }),
  );
  expect(new Set(tokens).size).toBe(1);
  expect(readdirSync(folder.path)).toEqual(['token']);
});

test('further tokens have the names of their files', async () => {
  await using folder = await createTestFolder();
  await ensureToken(folder.path);
  mkdirSync(join(folder.path, 'tokens'));
  writeFileSync(join(folder.path, 'tokens', 'ci'), `${'x'.repeat(43)}\n`, { mode: 0o600 });
  const tokens = await readTokens(folder.path);
  expect(tokens.map(({ name }) => name)).toEqual(['default', 'ci']);
  expect(tokens[1]?.token).toBe('x'.repeat(43));
});

test('a token that others can read is refused', async () => {
  await using folder = await createTestFolder();
  chmodSync(await ensureToken(folder.path), 0o644);
  await expect(readTokens(folder.path)).rejects.toThrow('can be read by others');
});

test.each(['', 'short', 'ü'.repeat(40)])('%j is no token', async (text) => {
  await using folder = await createTestFolder();
  writeFileSync(tokenFilePath(folder.path), text, { mode: 0o600 });
  await expect(readTokens(folder.path)).rejects.toThrow('not a token');
});
