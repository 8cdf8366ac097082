/** What a body asks to run: code, a script, a module or a function with its arguments. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { errors } from '../../../errors.ts';
import type { ExecuteRequestSchema } from '../../../gen/es/beep/python/v1/execute_pb.ts';
import type { PythonValueSchema } from '../../../gen/es/beep/python/v1/value_pb.ts';
import { jsonPieces, memberText } from '../../../json-pieces.ts';
import type { JsonBody } from '../route.ts';
import type { Fields } from './fields.ts';

type Source = MessageInitShape<typeof ExecuteRequestSchema>['source'];
type Value = MessageInitShape<typeof PythonValueSchema>;

const forms = ['code', 'script', 'module', 'function'] as const;

/** Exactly one of them. Throws INVALID_ARGUMENT. */
export function sourceFrom(fields: Fields, body: JsonBody): Source {
  const given = forms.filter((form) => fields.text(form) !== undefined);
  if (given.length > 1) {
    throw errors.invalidArgument(`${given.join(' and ')} cannot both run; send one of them`, { field: given[1] ?? '' });
  }
  const form = given[0];
  if (form === undefined)
    throw errors.invalidArgument('code is missing; send {"code": "print(1)"}, or script, module or function', {
      field: 'code',
    });
  const name = fields.text(form) as string;
  const args = memberValues(body, 'args');
  const kwargs = memberValues(body, 'kwargs');
  if (form !== 'function' && (args ?? kwargs) !== undefined) {
    const field = args === undefined ? 'kwargs' : 'args';
    throw errors.invalidArgument(`${field} belongs to a function; a ${form} has argv`, { field });
  }
  switch (form) {
    case 'code':
      return { case: form, value: name };
    case 'script':
      return { case: form, value: { path: name } };
    case 'module':
      return { case: form, value: { name } };
    case 'function':
      return {
        case: form,
        value: {
          name,
          args: (args ?? []).map(([, value]) => value),
          kwargs: Object.fromEntries(kwargs ?? []),
        },
      };
  }
}

/** The values of a member, each as the JSON text that it is, with the tags of the contract: Python reads its numbers. */
function memberValues({ value, text }: JsonBody, name: 'args' | 'kwargs'): [string, Value][] | undefined {
  const given = (value as Record<string, unknown>)[name];
  if (given === undefined || given === null) return undefined;
  if (typeof given !== 'object' || Array.isArray(given) !== (name === 'args')) {
    throw errors.invalidArgument(`${name} must be ${name === 'args' ? 'a list' : 'an object'}`, { field: name });
  }
  const pieces = jsonPieces(memberText(text, name) ?? '');
  if (!pieces.every(({ key }) => key.isWellFormed())) {
    throw errors.invalidArgument(`${name} has a name with half of a surrogate pair; send whole characters`, {
      field: name,
    });
  }
  return pieces.map((piece) => [piece.key, { kind: { case: 'json', value: piece.text } }]);
}
