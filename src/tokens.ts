/** The tokens of a home: the first one, `default`, in `token`, further ones in `tokens/<name>`; 256 bits, for our eyes only. */
import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** One token; its name is the caller's. */
export interface Token {
  readonly name: string;
  readonly token: string;
}

/** Shorter ones could be guessed: 128 bits in base64url. */
const shortestToken = 22;
const tokenName = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;

/** Whether a token can have this name. */
export function isTokenName(name: string): boolean {
  return tokenName.test(name);
}

/** A new token, as its file holds it. */
export function newToken(): string {
  return `${randomBytes(32).toString('base64url')}\n`;
}

/** Where the token named `default` lies. */
export function tokenFilePath(home: string): string {
  return join(home, 'token');
}

/** Where the token of a name lies. */
export function tokenPathOf(home: string, name: string): string {
  return name === 'default' ? tokenFilePath(home) : join(home, 'tokens', name);
}

/** Makes the first token of a home if there is none; returns its path. */
export async function ensureToken(home: string): Promise<string> {
  const path = tokenFilePath(home);
  if (await isThere(path)) return path;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(beside, 'wx', 0o600);
  try {
    await file.writeFile(newToken());
    await file.sync();
    // A link, not a rename: of two who make it at once the first wins, and the other takes what is there.
    await link(beside, path).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await file.close();
    await unlink(beside);
  }
  return path;
}

/** Every token of a home. Throws when one can be read by others, or is too short to be a secret. */
export async function readTokens(home: string): Promise<Token[]> {
  return await Promise.all((await tokenNames(home)).map((name) => readToken(name, tokenPathOf(home, name))));
}

/** The names of the tokens that are there, `default` first. */
export async function tokenNames(home: string): Promise<string[]> {
  const names = await readdir(join(home, 'tokens')).catch(() => [] as string[]);
  return ['default', ...names.filter((name) => name !== 'default' && tokenName.test(name)).sort()];
}

async function readToken(name: string, path: string): Promise<Token> {
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0)
    throw new Error(`token can be read by others: ${path}; chmod 600 it, or delete it for a new one`);
  const token = (await readFile(path, 'utf8')).trim();
  if (token.length < shortestToken || !/^[\x21-\x7e]+$/.test(token)) {
    throw new Error(
      `not a token: ${path}; it needs at least ${shortestToken} visible ASCII characters; delete it for a new one`,
    );
  }
  return { name, token };
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    (error) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}
