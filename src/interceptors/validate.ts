/** The rules that stand in the proto files, checked on every request. */
import {
  create,
  createRegistry,
  type DescFile,
  type DescMessage,
  type DescService,
  type MessageShape,
} from '@bufbuild/protobuf';
import { pathToString } from '@bufbuild/protobuf/reflect';
import { createValidator, type Violation } from '@bufbuild/protovalidate';
import type { Interceptor } from '../call.ts';
import { errors } from '../errors.ts';
import { type ExecuteRequest, ExecuteRequestSchema } from '../gen/es/beep/python/v1/execute_pb.ts';
import {
  type ApplyRequest,
  ApplyRequestSchema,
  type ConverseRequest,
  ConverseRequestSchema,
} from '../gen/es/beep/python/v1/object_pb.ts';
import { isPlainApply, isPlainConverse } from './plain-apply.ts';
import { isPlainExecute } from './plain-execute.ts';

const shownViolations = 5;

/** Throws INVALID_ARGUMENT for a message that breaks a rule; `nameOf` says what the caller calls a field. */
export type Check = (
  schema: DescMessage,
  message: MessageShape<DescMessage>,
  nameOf?: (protoPath: string) => string,
) => void;

/** Short ways past the validator for what nearly every caller sends. */
const isPlain = new Map<DescMessage, (message: MessageShape<DescMessage>) => boolean>([
  [ExecuteRequestSchema, (message) => isPlainExecute(message as ExecuteRequest)],
  [ApplyRequestSchema, (message) => isPlainApply(message as ApplyRequest)],
  [ConverseRequestSchema, (message) => isPlainConverse(message as ConverseRequest)],
]);

/** Makes the check. The rules of these services are compiled now rather than by the first caller; throws if one is wrong. */
export function createCheck(services: readonly DescService[]): Check {
  // Rules that the proto files define for themselves are extensions, found by way of a registry.
  const validator = createValidator({ registry: createRegistry(...filesOf(services)), regexMatch: matcher() });
  for (const { methods } of services) {
    for (const { input } of methods) {
      const { kind, error } = validator.validate(input, create(input));
      if (kind === 'error') throw new Error(`a rule of ${input.typeName} cannot be compiled`, { cause: error });
    }
  }
  return (schema, message, nameOf = (path) => path) => {
    if (isPlain.get(schema)?.(message) === true) return;
    const result = validator.validate(schema, message);
    if (result.kind === 'invalid') throw refused(result.violations, nameOf);
    if (result.kind === 'error') throw result.error;
  };
}

/** Makes the interceptor. */
export function createValidate(check: Check): Interceptor {
  return (call, next) => {
    const { method, request } = call;
    if (method === undefined) return next();
    if (request !== undefined) check(method.input, request.message);
    else call.checkMessage = (message) => check(method.input, message);
    return next();
  };
}

/**
 * The default engine takes any pattern in linear time, which costs a quarter of the whole check. All patterns here stand
 * in our own proto files and go through each text once.
 */
function matcher(): (pattern: string, against: string) => boolean {
  const compiled = new Map<string, RegExp>();
  return (pattern, against) => {
    let expression = compiled.get(pattern);
    if (expression === undefined) {
      expression = new RegExp(pattern, 'u');
      compiled.set(pattern, expression);
    }
    return expression.test(against);
  };
}

function filesOf(services: readonly DescService[]): Set<DescFile> {
  const files = new Set<DescFile>();
  const add = (file: DescFile) => {
    if (files.has(file)) return;
    files.add(file);
    file.dependencies.forEach(add);
  };
  for (const { file } of services) add(file);
  return files;
}

function refused(violations: Violation[], nameOf: (protoPath: string) => string) {
  const texts = violations.slice(0, shownViolations).map(({ field, message, ruleId }) => {
    const rule = `${message} [${ruleId}]`;
    return field.length === 0 ? rule : `${nameOf(pathToString(field))}: ${rule}`;
  });
  const more = violations.length > shownViolations ? `; and ${violations.length - shownViolations} more` : '';
  const [first] = violations;
  // A rule of a whole message is about no one field, and has its id alone.
  const field = first === undefined || first.field.length === 0 ? first?.ruleId : nameOf(pathToString(first.field));
  return errors.invalidArgument(`${texts.join('; ')}${more}`, { field: field ?? '' });
}
