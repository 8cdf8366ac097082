/** JSON with pieces that are already text: what a user's value is passes through without being parsed. */

/** A text that is JSON already. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Marks a text as JSON already, to be put into an answer as it is. */
export function rawJson(text: string): RawJson {
  return new RawJson(text);
}

/** Like JSON.stringify, but for raw pieces; bigints become plain numbers; what is undefined is left out. */
export function writeJson(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.isWellFormed() ? value : value.toWellFormed());
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`;
  let text = '{';
  for (const key in value) {
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    text += `${text.length > 1 ? ',' : ''}${JSON.stringify(key)}:${writeJson(member)}`;
  }
  return `${text}}`;
}
