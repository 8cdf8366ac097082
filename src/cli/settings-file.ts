/** `config.toml` in the home folder: settings by the names of their flags, such as `http-port = 5678`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileSettings } from '../config.ts';
import { SettingError } from '../setting.ts';
import { homeOf } from './home-folder.ts';

/** Where the file lies. */
export function settingsFilePath(home: string): string {
  return join(home, 'config.toml');
}

/** What the file of a home says; undefined where there is none. Throws a SettingError with the line that is no TOML. */
export async function readSettingsFile(flags: Readonly<Record<string, unknown>>): Promise<FileSettings | undefined> {
  const path = settingsFilePath(homeOf({ home: typeof flags['home'] === 'string' ? flags['home'] : undefined }));
  if (!existsSync(path)) return undefined;
  const { parse } = await import('smol-toml');
  try {
    return { path, values: parse(readFileSync(path, 'utf8')) };
  } catch (cause) {
    throw new SettingError(`${path} cannot be read: ${(cause as Error).message.trim()}`);
  }
}
