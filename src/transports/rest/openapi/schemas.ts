/** Schemas within a description: those with a title become components, those of the contract lend their rules. */
import type { Schema } from '../../../route-description.ts';

type Json = Readonly<Record<string, unknown>>;

/** Makes what turns the schemas of routes into those of the description; `components` takes those that have a name. */
export function createSchemaWriter(
  contractSchemas: Readonly<Record<string, Schema>>,
  components: Record<string, unknown>,
) {
  /** The same with references for titles, at any depth. */
  function write(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(write);
    if (typeof value !== 'object' || value === null) return value;
    const schema = withRules(value as Json);
    const { title, ...rest } = schema;
    const written = Object.fromEntries(Object.entries(rest).map(([name, member]) => [name, write(member)]));
    if (typeof title !== 'string') return written;
    const known = components[title];
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(written))
      throw new Error(`two schemas have the title ${title}`);
    components[title] = written;
    return { $ref: `#/components/schemas/${title}` };
  }

  /** What the contract says of the field named by `x-field`, below what stands here. */
  function withRules(schema: Json): Json {
    const { 'x-field': path, ...own } = schema;
    if (typeof path !== 'string') return schema;
    const [message, name] = path.split('.') as [string, string];
    const field = contractSchemas[`beep.python.v1.${message}`]?.properties?.[name];
    if (field === undefined) throw new Error(`the contract has no field ${path}`);
    const { type, format, ...rest } = field;
    // A field of another type, such as a duration, has its comment alone in common.
    const isSame = ([] as unknown[]).concat(own.type).includes(type);
    return { ...(isSame ? rest : { description: rest.description }), ...own, ...merged(rest, own) };
  }

  return write;
}

/** Rules of elements: the contract knows more of them than the type that stands here. */
function merged(field: Json, own: Json): Json {
  const result: Record<string, unknown> = {};
  for (const name of ['items', 'additionalProperties'])
    if (typeof own[name] === 'object' && typeof field[name] === 'object')
      result[name] = { ...field[name], ...own[name] };
  return result;
}

/** The schemas of the contract that `roots` refer to, directly or by way of others. */
export function reachable(roots: unknown, schemas: Readonly<Record<string, Schema>>): Record<string, Schema> {
  const found: Record<string, Schema> = {};
  const visit = (value: unknown) => {
    for (const [, name] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([\w.]+)"/g)) {
      const schema = schemas[name as string];
      if (schema === undefined || (name as string) in found) continue;
      found[name as string] = schema;
      visit(schema);
    }
  };
  visit(roots);
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}
