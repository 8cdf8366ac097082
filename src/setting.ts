/** The kinds of settings: how each is read from a text, what it may be, and how `--help` says so. */
import { isAbsolute, resolve } from 'node:path';

/** One row of the table of settings. */
export interface Setting<Value> {
  /** What stands for the value in `--help`; undefined for a flag without one. */
  readonly placeholder: string | undefined;
  /** A flag that may be given several times; its variable holds the values with commas between. */
  readonly isList: boolean;
  readonly meaning: string;
  /** What may be given, as a person reads it; empty where anything may. */
  readonly range: string;
  readonly shownDefault: string;
  /** May look at the settings above it in the table. */
  defaultValue(above: Readonly<Record<string, unknown>>): Value;
  /** `source` is the flag or variable that gave the value, for the error. */
  read(given: unknown, source: string): Value;
}

/** Thrown when a setting cannot be what was given. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
}

/** Any text but an empty one. */
export function text(row: { default: string; meaning: string }): Setting<string> {
  return {
    ...scalar('text', '', row.default, row.meaning),
    defaultValue: () => row.default,
    read: (given, source) => nonEmpty(given, source),
  };
}

/** A path, made absolute. */
export function path(row: {
  default: (above: Readonly<Record<string, unknown>>) => string;
  shownDefault: string;
  meaning: string;
}): Setting<string> {
  return {
    ...scalar('path', '', row.shownDefault, row.meaning),
    defaultValue: row.default,
    read: (given, source) => resolve(nonEmpty(given, source)),
  };
}

/** A name, or a path, which is made absolute: a background process stands elsewhere. */
export function nameOrPath(row: { default: string; meaning: string }): Setting<string> {
  return {
    ...scalar('name|path', '', row.default, row.meaning),
    defaultValue: () => row.default,
    read(given, source) {
      const value = nonEmpty(given, source);
      return value.includes('/') ? resolve(value) : value;
    },
  };
}

/** A name that can stand in a path, or an absolute path. */
export function nameOrAbsolutePath(row: { default: string; meaning: string }): Setting<string> {
  return {
    ...scalar('name|path', '', row.default, row.meaning),
    defaultValue: () => row.default,
    read(given, source) {
      const value = nonEmpty(given, source);
      const isName = !/[/\\\0-\x1f]/.test(value) && value !== '.' && value !== '..';
      if (isName || (isAbsolute(value) && !/[\0-\x1f]/.test(value))) return value;
      throw new SettingError(`${source} cannot be ${JSON.stringify(given)}: it is a name, or an absolute path`);
    },
  };
}

/** One of a few words, in any case. */
export function choice<const Word extends string>(
  words: readonly Word[],
  row: { default: NoInfer<Word>; meaning: string },
): Setting<Word> {
  const range = words.join(', ');
  return {
    ...scalar(words.join('|'), range, row.default, row.meaning),
    defaultValue: () => row.default,
    read(given, source) {
      const found = words.find((word) => word.toLowerCase() === String(given).toLowerCase());
      if (found === undefined)
        throw new SettingError(`${source} cannot be ${JSON.stringify(given)}: it is one of ${range}`);
      return found;
    },
  };
}

/** A flag that is there or not; its variable says true or false. */
export function yes(row: { meaning: string }): Setting<boolean> {
  return {
    ...scalar(undefined, 'true, false', 'false', row.meaning),
    defaultValue: () => false,
    read(given, source) {
      const word = String(given).toLowerCase();
      if (word === 'true' || word === '1' || word === 'yes') return true;
      if (word === 'false' || word === '0' || word === 'no') return false;
      throw new SettingError(`${source} cannot be ${JSON.stringify(given)}: it is true or false`);
    },
  };
}

/** Any number of texts. */
export function list(row: { meaning: string }): Setting<readonly string[]> {
  return {
    ...scalar('name', '', '', row.meaning),
    isList: true,
    defaultValue: () => [],
    read(given, source) {
      const items = Array.isArray(given) ? given : String(given).split(',');
      return items.map((item) => nonEmpty(item, source));
    },
  };
}

interface NumberRow {
  readonly min: number;
  readonly max: number;
  readonly default: number;
  readonly meaning: string;
}

/** A whole number within bounds. */
export function integer(row: NumberRow): Setting<number> {
  return measure('number', 'a whole number', { '': 1 }, row);
}

/** A size in bytes: `16777216`, `16MiB`. */
export function bytes(row: NumberRow): Setting<number> {
  return measure(
    'bytes',
    'a whole number of bytes, or a size such as 16MiB',
    { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 },
    row,
  );
}

/** A time in milliseconds: `2000`, `2s`, `30min`, `12h`. */
export function durationMs(row: NumberRow): Setting<number> {
  return measure(
    'time',
    'a time such as 30s, 5min',
    { '': 1, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 },
    row,
  );
}

function measure(
  placeholder: string,
  kind: string,
  units: Readonly<Record<string, number>>,
  row: NumberRow,
): Setting<number> {
  const show = (value: number) => inLargestUnit(value, units);
  const range = `${show(row.min)} to ${show(row.max)}`;
  return {
    ...scalar(placeholder, range, show(row.default), row.meaning),
    defaultValue: () => row.default,
    read(given, source) {
      const [, digits = '', unit = ''] = /^([0-9]{1,15}) ?([a-z]*)$/i.exec(String(given).trim()) ?? [];
      const name = Object.keys(units).find((known) => known.toLowerCase() === unit.toLowerCase());
      const value = digits === '' || name === undefined ? Number.NaN : Number(digits) * (units[name] as number);
      if (value >= row.min && value <= row.max) return value;
      throw new SettingError(`${source} cannot be ${JSON.stringify(given)}: it is ${kind}; ${range}`);
    },
  };
}

function inLargestUnit(value: number, units: Readonly<Record<string, number>>): string {
  const fitting = Object.entries(units).filter(([, size]) => value > 0 && value % size === 0);
  const [name, size] = fitting.at(-1) ?? ['', 1];
  return `${value / size}${name === '' ? '' : ` ${name}`}`;
}

function scalar(placeholder: string | undefined, range: string, shownDefault: string, meaning: string) {
  return { placeholder, isList: false, range, shownDefault, meaning };
}

function nonEmpty(given: unknown, source: string): string {
  const value = String(given).trim();
  if (value === '') throw new SettingError(`${source} is empty: give it a value, or leave it out`);
  return value;
}

/** The end of a sentence about a name that does not exist: `; nearest: <name>`, or nothing where none is near. */
export function orNearest(name: string, names: readonly string[]): string {
  const found = nearest(name, names);
  return found === undefined ? '' : `; nearest: ${found}`;
}

/** The name that is closest to one that does not exist; undefined where none has most of its letters. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  let least = Math.min(Math.max(2, Math.floor(name.length / 3)), name.length - 1) + 1;
  let found: string | undefined;
  for (const known of names) {
    const letters = distance(name, known);
    if (letters < least) [found, least] = [known, letters];
  }
  return found;
}

/** Levenshtein's distance: how many letters to change. */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (above[column - 1] as number) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (above[column] as number) + 1, (current[column - 1] as number) + 1));
    }
    above = current;
  }
  return above[b.length] as number;
}
