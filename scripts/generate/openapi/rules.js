// The rules of `buf.validate`, as JSON Schema where it has a word for them, and in words everywhere.
import { getExtension, getOption, hasExtension, hasOption, ScalarType } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import {
  field as fieldOption,
  message as messageOption,
  oneof as oneofOption,
  predefined as predefinedOption,
} from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';

/** Whether one field of a group has to be there. */
export function isOneofRequired(oneof) {
  return hasOption(oneof, oneofOption) && getOption(oneof, oneofOption).required === true;
}

/** Rules of a whole message, in words. */
export function messageRules(desc) {
  return hasOption(desc, messageOption)
    ? getOption(desc, messageOption).cel.map(({ message }) => sentence(message))
    : [];
}

/** Puts a field's rules into its schema; gives those that are told in words, and whether it has to be there. */
export function applyFieldRules(field, schema, registry) {
  if (!hasOption(field, fieldOption)) return { isRequired: false, texts: [] };
  const rules = getOption(field, fieldOption);
  const texts = applyRules(rules, schema, registry).map(sentence);
  return { isRequired: rules.required === true || refusesAbsence(field, schema), texts };
}

/** A text that is not there is the empty one, and is checked like any other. */
function refusesAbsence({ fieldKind, scalar, presence }, { minLength = 0, pattern = '' }) {
  const isText = fieldKind === 'scalar' && scalar === ScalarType.STRING;
  return isText && presence === FeatureSet_FieldPresence.IMPLICIT && (minLength > 0 || !new RegExp(pattern).test(''));
}

function applyRules(rules, schema, registry) {
  const texts = rules.cel.map(({ message }) => message);
  const { case: kind, value } = rules.type;
  if (kind === undefined) return texts;
  const apply = appliers[kind];
  for (const { expression } of rules.cel)
    if (/^this\.matches\('[^']*'\)$/.test(expression)) assign(schema, fromExpression(expression));
  if (apply === undefined) throw new Error(`${value.$typeName} has no words in OpenAPI yet: ${import.meta.filename}`);
  return [...texts, ...apply(value, schema, registry), ...predefinedRules(value, schema, registry)];
}

const appliers = {
  string(rules, schema) {
    // A character takes one byte or more.
    assign(schema, { minLength: rules.minLen, maxLength: rules.maxLen, pattern: rules.pattern || undefined });
    assign(schema, { minLength: rules.minBytes && 1, maxLength: rules.maxBytes });
    if (rules.in.length > 0) schema.enum = rules.in;
    return rules.maxBytes ? [`at most ${rules.maxBytes} bytes of UTF-8`] : [];
  },
  bytes: ({ maxLen }) => (maxLen ? [`at most ${maxLen} bytes`] : []),
  bool: () => [],
  uint32: bounds,
  int32: bounds,
  uint64: boundsInWords,
  int64: boundsInWords,
  sint64: boundsInWords,
  enum(rules, schema) {
    if (rules.notIn.includes(0)) schema.not = { pattern: '_UNSPECIFIED$' };
    return [];
  },
  repeated(rules, schema, registry) {
    assign(schema, { minItems: rules.minItems, maxItems: rules.maxItems, uniqueItems: rules.unique || undefined });
    return rules.items === undefined
      ? []
      : applyRules(rules.items, schema.items, registry).map((text) => `each ${text}`);
  },
  map(rules, schema, registry) {
    assign(schema, { minProperties: rules.minPairs, maxProperties: rules.maxPairs });
    const names = { type: 'string' };
    const ofKeys = rules.keys === undefined ? [] : applyRules(rules.keys, names, registry);
    if (Object.keys(names).length > 1) schema.propertyNames = names;
    const ofValues = rules.values === undefined ? [] : applyRules(rules.values, schema.additionalProperties, registry);
    return [...ofKeys.map((text) => `each key ${text}`), ...ofValues.map((text) => `each value ${text}`)];
  },
  duration({ greaterThan, lessThan }, schema) {
    schema.pattern = schema.pattern.replace('-?', ''); // whatever has rules here is a time to wait, to run or to live
    const words = { gt: 'above', gte: 'at least', lt: 'below', lte: 'at most' };
    return [greaterThan, lessThan]
      .filter((bound) => bound.case !== undefined)
      .map((bound) => `${words[bound.case]} ${bound.value.seconds} s`);
  },
};

function bounds({ greaterThan, lessThan }, schema) {
  const words = { gt: 'exclusiveMinimum', gte: 'minimum', lt: 'exclusiveMaximum', lte: 'maximum' };
  for (const bound of [greaterThan, lessThan]) if (bound.case !== undefined) schema[words[bound.case]] = bound.value;
  return [];
}

/** 64-bit numbers are strings in JSON. */
function boundsInWords({ greaterThan, lessThan }, schema) {
  const words = { gt: 'above', gte: 'at least', lt: 'below', lte: 'at most' };
  if (greaterThan.case === 'gte' && greaterThan.value === 0n) schema.pattern = '^(0|[1-9][0-9]{0,18})$';
  return [greaterThan, lessThan]
    .filter((bound) => bound.case !== undefined)
    .map((bound) => `${words[bound.case]} ${bound.value}`);
}

/** Rules that the contract has defined for itself. Their expressions are few, and of the forms that stand here. */
function predefinedRules(rules, schema, registry) {
  const texts = [];
  for (const extension of registry) {
    if (extension.kind !== 'extension' || extension.extendee.typeName !== rules.$typeName) continue;
    if (!hasExtension(rules, extension) || getExtension(rules, extension) !== true) continue;
    for (const { message, expression } of getOption(extension, predefinedOption).cel) {
      texts.push(message);
      if (rules.$typeName === 'buf.validate.StringRules') assign(schema, fromExpression(expression));
    }
  }
  return texts;
}

function fromExpression(expression) {
  const pattern = /this\.matches\('((?:[^'\\]|\\.)*)'\)/.exec(expression)?.[1]?.replaceAll('\\\\', '\\');
  const forbidden = [...expression.matchAll(/!this\.contains\('((?:[^'\\]|\\.)*)'\)/g)].map(([, text]) => text);
  const size = /this\.size\(\) <= (\d+)/.exec(expression)?.[1];
  return {
    pattern: pattern ?? (forbidden.length > 0 ? `^[^${forbidden.join('')}]*$` : undefined),
    minLength: expression.includes("this != ''") ? 1 : undefined,
    maxLength: size === undefined ? undefined : Number(size),
  };
}

function assign(schema, keywords) {
  for (const [name, value] of Object.entries(keywords)) {
    if (value !== undefined && value !== 0n && value !== 0)
      schema[name] = typeof value === 'bigint' ? Number(value) : value;
  }
}

function sentence(text) {
  return `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
