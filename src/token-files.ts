/** Changes the tokens of a home. A gateway reads them when it starts. */
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { replaceFile } from './replace-file.ts';
import { SettingError } from './setting.ts';
import { isTokenName, newToken, tokenPathOf } from './tokens.ts';

/** Where a token lies. Throws for what cannot be a name. */
export function tokenPath(home: string, name: string): string {
  if (!isTokenName(name)) {
    throw new SettingError(
      `no name of a token: ${JSON.stringify(name)}; it has up to 64 lower-case letters, digits, and . _ - between them`,
    );
  }
  return tokenPathOf(home, name);
}

/** Puts a new token under a name, in one step: who reads it finds the old one or the new one. */
export async function writeNewToken(home: string, name: string): Promise<string> {
  const path = tokenPath(home, name);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await replaceFile(path, newToken());
  return path;
}

/** Takes a token away. */
export async function removeToken(home: string, name: string): Promise<void> {
  await rm(tokenPath(home, name), { force: true });
}
