/** What every request of the original's formats is described by: its name, what it takes, what it answers. */
import type { Schema } from '../route-description.ts';
import type { FieldTable } from './fields.ts';

/** One request, whatever the format. */
export interface Row {
  /** Its name on the pipe, and in its path. */
  readonly command: string;
  readonly meaning: string;
  readonly fields: FieldTable;
  readonly answer: Answer;
}

/** Members by their camelCase names; or numbers, flat or in rows, which some formats give without an object around. */
export type Answer = Readonly<Record<string, Schema>> | 'numbers' | 'rows';

/** The text of a JSON object from the texts of its members. */
export function objectText(members: Readonly<Record<string, string>>): string {
  const texts = Object.entries(members).map(([name, text]) => `${JSON.stringify(name)}:${text}`);
  return `{${texts.join(',')}}`;
}
