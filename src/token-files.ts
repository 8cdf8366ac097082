/** Changes the tokens of a home. A gateway reads them when it starts. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SettingError } from './setting.ts';
import { tokenFilePath } from './tokens.ts';

const tokenName = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;

/** Where a token lies. Throws for what cannot be a name. */
export function tokenPath(home: string, name: string): string {
  if (!tokenName.test(name)) {
    throw new SettingError(
      `no name of a token: ${JSON.stringify(name)}; it has up to 64 lower-case letters, digits, and . _ - between them`,
    );
  }
  return name === 'default' ? tokenFilePath(home) : join(home, 'tokens', name);
}

/** Puts a new token under a name, in one step: who reads it finds the old one or the new one. */
export async function writeNewToken(home: string, name: string): Promise<string> {
  const path = tokenPath(home, name);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const beside = join(home, `token.${randomBytes(6).toString('hex')}`);
  await writeFile(beside, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx', flush: true });
  await rename(beside, path);
  return path;
}

/** Takes a token away. */
export async function removeToken(home: string, name: string): Promise<void> {
  await rm(tokenPath(home, name), { force: true });
}

/** The names of the tokens that are there, `default` first. */
export async function tokenNames(home: string): Promise<string[]> {
  const names = await readdir(join(home, 'tokens')).catch(() => [] as string[]);
  return ['default', ...names.filter((name) => name !== 'default' && tokenName.test(name)).sort()];
}
