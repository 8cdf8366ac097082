/** What commands print: tables for people, JSON for programs, colours on a terminal alone. */
import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Text in a style, where it goes to a terminal that wants styles. */
export function styled(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return stream.isTTY && !process.env.NO_COLOR ? styleText(style, text, { validateStream: false }) : text;
}

/** Whole lines on the standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** One JSON document; large numbers as they are, dates as ISO 8601. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? Number(item) : item), 2));
}

/** A list: as JSON, or as columns under their names; `whenEmpty` where there is nothing. */
export function printList<Row>(
  rows: readonly Row[],
  columns: Readonly<Record<string, (row: Row) => string | number>>,
  {
    json,
    whenEmpty,
    toJson = (row: Row) => row,
  }: { readonly json: boolean | undefined; readonly whenEmpty: string; readonly toJson?: (row: Row) => unknown },
): void {
  if (json || rows.length === 0) {
    if (json) printJson(rows.map((row) => toJson(row)));
    else print(whenEmpty);
    return;
  }
  const heads = Object.keys(columns).map((name) => name.toUpperCase());
  const cells = rows.map((row) => Object.values(columns).map((cell) => oneLine(String(cell(row)))));
  const widths = heads.map((head, at) => Math.max(head.length, ...cells.map((line) => (line[at] as string).length)));
  const line = (texts: readonly string[]) =>
    texts
      .map((text, at) => text.padEnd(widths[at] as number))
      .join('  ')
      .trimEnd();
  print([styled('bold', line(heads)), ...cells.map(line)].join('\n'));
}

/** Facts of one thing, a line each. */
export function printFacts(facts: readonly (readonly [string, string | number | undefined])[]): void {
  const shown = facts.filter(([, value]) => value !== undefined && value !== '');
  const width = Math.max(...shown.map(([name]) => name.length));
  print(shown.map(([name, value]) => `${styled('dim', name.padEnd(width))}  ${oneLine(String(value))}`).join('\n'));
}

/** How long ago, or how long until: `12 s`, `3 min`, `2 h`, `5 d`. */
export function spanOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** `1.5 MiB` */
export function sizeOf(bytes: number | bigint): string {
  let size = Number(bytes);
  for (const unit of ['B', 'KiB', 'MiB', 'GiB']) {
    if (size < 1024 || unit === 'GiB') return `${unit === 'B' ? size : size.toFixed(1)} ${unit}`;
    size /= 1024;
  }
  return '';
}

/** What others wrote must not move the cursor. */
export function oneLine(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ');
}
