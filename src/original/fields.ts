/** The fields of a request in one of the JSON formats: texts are read, values stay the JSON text that they are. */
import { BeepError } from '../errors.ts';

/** A JSON object taken apart: the text of each member. */
export type Members = ReadonlyMap<string, string>;

/** What a field may be. A value may be any JSON; null is as good as nothing, but for a text that must be there. */
export interface Field {
  readonly kind: 'text' | 'list' | 'object' | 'value';
  readonly isRequired: boolean;
  readonly meaning: string;
}

/** One thing that is wrong, as FastAPI says it. */
export interface Fault {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  /** As JSON text. */
  readonly input: string;
}

/** Thrown for a request that has not the fields that it must have. */
export class BadFields extends BeepError {
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    const texts = faults.map(({ loc, msg }) => `${loc.slice(1).join('.')}: ${msg.toLowerCase()}`);
    super('INVALID_ARGUMENT', texts.join('; '), { metadata: { field: String(faults[0]?.loc[1] ?? '') } });
    this.faults = faults;
  }
}

/** Reads them by their camelCase names, or the same in PascalCase; others are ignored. Throws BadFields. */
export function readFields(
  members: Members,
  fields: Readonly<Record<string, Field>>,
): Readonly<Record<string, string | undefined>> {
  const found: Record<string, string | undefined> = {};
  const faults: Fault[] = [];
  for (const [name, field] of Object.entries(fields)) {
    const text = members.get(name) ?? members.get(pascalCase(name));
    const refuse = (type: string, msg: string, input: string) =>
      faults.push({ type, loc: ['body', name], msg, input: shown(input) });
    if (text === undefined) {
      if (field.isRequired) refuse('missing', 'Field required', textOf(members));
    } else if (text === 'null' && !field.isRequired) {
      found[name] = undefined;
    } else if (field.kind === 'text') {
      const value: unknown = text.startsWith('"') ? JSON.parse(text) : undefined;
      if (typeof value !== 'string') refuse('string_type', 'Input should be a valid string', text);
      else if (!value.isWellFormed())
        refuse('string_unicode', 'Input should be a valid string, whole characters', text);
      else found[name] = value;
    } else if (field.kind === 'list' && !text.startsWith('[')) {
      refuse('list_type', 'Input should be a valid list', text);
    } else if (field.kind === 'object' && !text.startsWith('{')) {
      refuse('dict_type', 'Input should be a valid dictionary', text);
    } else found[name] = text;
  }
  if (faults.length > 0) throw new BadFields(faults);
  return found;
}

/** `handleId` as `HandleId`. */
export function pascalCase(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

// What is longer is not said again.
const maxShown = 1000;

function shown(input: string): string {
  return input.length <= maxShown ? input : 'null';
}

function textOf(members: Members): string {
  return `{${Array.from(members, ([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`;
}
