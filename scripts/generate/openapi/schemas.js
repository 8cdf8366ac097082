import { ScalarType } from '@bufbuild/protobuf';
import { applyFieldRules, isOneofRequired, messageRules } from './rules.js';

/** Messages and enums as JSON Schema: the form that protobuf's JSON mapping gives them. */
export function createSchemas(registry, comments) {
  const schemas = {};

  /** A reference to the schema of a message or an enum, which is made with all that it refers to. */
  function refTo(desc) {
    const wellKnown = wellKnownSchemas[desc.typeName];
    if (wellKnown !== undefined) return { ...wellKnown };
    if (!(desc.typeName in schemas)) {
      schemas[desc.typeName] = {}; // messages may hold themselves
      schemas[desc.typeName] = desc.kind === 'enum' ? enumSchema(desc) : messageSchema(desc);
    }
    return { $ref: `#/components/schemas/${desc.typeName}` };
  }

  function messageSchema(desc) {
    const fields = desc.fields.map((field) => ({ field, ...fieldSchema(field) }));
    const required = fields.filter(({ isRequired }) => isRequired).map(({ field }) => field.jsonName);
    const choices = oneofRules(desc);
    const texts = [comments.get(desc), ...choices.texts, ...messageRules(desc)];
    return described(texts, {
      type: 'object',
      ...(fields.length > 0 && {
        properties: Object.fromEntries(fields.map(({ field, schema }) => [field.jsonName, schema])),
      }),
      ...(required.length > 0 && { required }),
      ...choices.keywords,
    });
  }

  function fieldSchema(field) {
    const schema = baseSchema(field);
    const { isRequired, texts } = applyFieldRules(field, schema, registry);
    return { isRequired, schema: described([comments.get(field), ...texts], schema) };
  }

  function baseSchema(field) {
    if (field.fieldKind === 'list') return { type: 'array', items: elementSchema(field, field.listKind) };
    if (field.fieldKind === 'map') return { type: 'object', additionalProperties: elementSchema(field, field.mapKind) };
    return elementSchema(field, field.fieldKind);
  }

  function elementSchema(field, kind) {
    if (kind === 'enum') return refTo(field.enum);
    if (kind === 'message') return refTo(field.message);
    return { ...scalarSchemas[field.scalar] };
  }

  function enumSchema(desc) {
    const rows = desc.values.map((value) => `- \`${value.name}\`: ${comments.get(value) ?? ''}`.replace(/: $/, ''));
    return described([comments.get(desc), rows.join('\n')], {
      type: 'string',
      enum: desc.values.map(({ name }) => name),
    });
  }

  return {
    refTo,
    /** All that were made, by name. */
    all: () => Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Puts the texts that there are before a schema, as its description. */
function described(texts, schema) {
  const description = texts.filter(Boolean).join('\n\n');
  return description === '' ? schema : { ...schema, description };
}

/** At most one field of each group, or exactly one: in words, and as rules where these are not longer than the message. */
function oneofRules(desc) {
  const groups = desc.oneofs.map((oneof) => ({
    names: oneof.fields.map(({ jsonName }) => jsonName),
    isRequired: isOneofRequired(oneof),
  }));
  const texts = groups.map(
    ({ names, isRequired }) =>
      `${isRequired ? 'Exactly' : 'At most'} one of ${names.map((name) => `\`${name}\``).join(', ')}.`,
  );
  if (groups.length === 1 && groups[0].names.length === desc.fields.length)
    return { texts, keywords: { ...(groups[0].isRequired && { minProperties: 1 }), maxProperties: 1 } };
  const choices = groups
    .filter(({ names, isRequired }) => isRequired || names.length <= longestOptionalChoice)
    .map(({ names, isRequired }) => {
      const present = names.map((name) => ({ required: [name] }));
      return { oneOf: isRequired ? present : [...present, { not: { anyOf: present } }] };
    });
  return { texts, keywords: choices.length > 1 ? { allOf: choices } : (choices[0] ?? {}) };
}

const longestOptionalChoice = 3;

const wholeNumber = (format, minimum, maximum) => ({ type: 'integer', format, minimum, maximum });
const uint32 = wholeNumber('uint32', 0, 2 ** 32 - 1);
const int32 = wholeNumber('int32', -(2 ** 31), 2 ** 31 - 1);
const uint64 = { type: 'string', format: 'uint64', pattern: '^(0|[1-9][0-9]{0,19})$' };
const int64 = { type: 'string', format: 'int64', pattern: '^(0|-?[1-9][0-9]{0,18})$' };
const real = { oneOf: [{ type: 'number' }, { enum: ['NaN', 'Infinity', '-Infinity'] }] };

const scalarSchemas = {
  [ScalarType.STRING]: { type: 'string' },
  [ScalarType.BYTES]: {
    type: 'string',
    contentEncoding: 'base64',
    pattern: '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$',
  },
  [ScalarType.BOOL]: { type: 'boolean' },
  [ScalarType.DOUBLE]: real,
  [ScalarType.FLOAT]: real,
  [ScalarType.UINT32]: uint32,
  [ScalarType.FIXED32]: uint32,
  [ScalarType.INT32]: int32,
  [ScalarType.SINT32]: int32,
  [ScalarType.SFIXED32]: int32,
  [ScalarType.UINT64]: uint64,
  [ScalarType.FIXED64]: uint64,
  [ScalarType.INT64]: int64,
  [ScalarType.SINT64]: int64,
  [ScalarType.SFIXED64]: int64,
};

const wellKnownSchemas = {
  'google.protobuf.Duration': {
    type: 'string',
    pattern: '^-?(0|[1-9][0-9]{0,10})(\\.[0-9]{1,9})?s$',
    examples: ['2.5s'],
  },
  'google.protobuf.Timestamp': { type: 'string', format: 'date-time' },
};
