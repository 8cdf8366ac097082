/** The fields of a request in one of the JSON formats: texts are read, values stay the JSON text that they are. */
import { BeepError } from '../errors.ts';
import { jsonPieces } from '../json-pieces.ts';

/** A JSON object taken apart: the text of each member. */
export type Members = ReadonlyMap<string, string>;

/** What a field may be. A value may be any JSON; null is as good as nothing, but for what must be there. */
export interface Field {
  readonly kind: 'text' | 'texts' | 'list' | 'object' | 'value';
  readonly isRequired: boolean;
  readonly meaning: string;
}

/** The fields of a request by their camelCase names. */
export type FieldTable = Readonly<Record<string, Field>>;

/** A field that must be there. */
export function required(kind: Field['kind'], meaning: string): Field {
  return { kind, isRequired: true, meaning };
}

/** One that may be missing, or null. */
export function optional(kind: Field['kind'], meaning: string): Field {
  return { kind, isRequired: false, meaning };
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
    const texts = faults.map(({ loc, msg }) => `${loc.slice(loc.length > 1 ? 1 : 0).join('.')}: ${msg.toLowerCase()}`);
    super('INVALID_ARGUMENT', texts.join('; '), { metadata: { field: String(faults[0]?.loc[1] ?? '') } });
    this.faults = faults;
  }
}

/** The members of a text that is known to be JSON; `place` is what it is called. Throws BadFields for no object. */
export function membersOf(text: string, place = 'body'): Members {
  if (!text.trimStart().startsWith('{')) {
    const msg = 'Input should be a valid dictionary or object to extract fields from';
    throw new BadFields([{ type: 'model_attributes_type', loc: [place], msg, input: shown(text) }]);
  }
  return new Map(jsonPieces(text).map(({ key, text }) => [key, text]));
}

/** As they are called where names begin with a capital, or not. */
export type Spelling = (name: string) => string;

/** `handleId` as it is. */
export const camelCase: Spelling = (name) => name;

/** `handleId` as `HandleId`. */
export const pascalCase: Spelling = (name) => name.charAt(0).toUpperCase() + name.slice(1);

/** What has been read: texts as they are, everything else as JSON text. */
export type Read = Readonly<Record<string, string | undefined>>;

/** Reads them by either spelling of their names, and complains in the one that is given; others are ignored. */
export function readFields(members: Members, fields: FieldTable, spelling: Spelling = camelCase): Read {
  const found: Record<string, string | undefined> = {};
  const faults: Fault[] = [];
  for (const [name, field] of Object.entries(fields)) {
    const text = members.get(name) ?? members.get(pascalCase(name));
    if (text === undefined || (text === 'null' && !field.isRequired)) {
      if (!field.isRequired) continue;
      const input = shown(textOf(members));
      faults.push({ type: 'missing', loc: ['body', spelling(name)], msg: 'Field required', input });
      continue;
    }
    const wrong = whatIsWrong(text, field.kind);
    if (wrong === undefined) found[name] = field.kind === 'text' ? JSON.parse(text) : text;
    else faults.push({ ...wrong, loc: ['body', spelling(name), ...wrong.loc] });
  }
  if (faults.length > 0) throw new BadFields(faults);
  return found;
}

/** The first thing; its place is within the field. */
function whatIsWrong(text: string, kind: Field['kind']): Fault | undefined {
  const wrong = (type: string, what: string): Fault => ({
    type,
    loc: [],
    msg: `Input should be a valid ${what}`,
    input: shown(text),
  });
  if (kind === 'text') {
    const value: unknown = text.startsWith('"') ? JSON.parse(text) : undefined;
    if (typeof value !== 'string') return wrong('string_type', 'string');
    return value.isWellFormed() ? undefined : wrong('string_unicode', 'string, whole characters');
  }
  if (kind === 'object') return text.startsWith('{') ? undefined : wrong('dict_type', 'dictionary');
  if (kind === 'value') return undefined;
  if (!text.startsWith('[')) return wrong('list_type', 'list');
  if (kind === 'list') return undefined;
  for (const [index, piece] of jsonPieces(text).entries()) {
    const bad = whatIsWrong(piece.text, 'text');
    if (bad !== undefined) return { ...bad, loc: [index] };
  }
  return undefined;
}

// What is longer is not said again.
const maxShown = 1000;

function shown(input: string): string {
  return input.length <= maxShown ? input : 'null';
}

function textOf(members: Members): string {
  return `{${Array.from(members, ([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`;
}
