/** What is run. */
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { ExecuteRequestSchema } from '../gen/es/beep/python/v1/execute_pb.ts';
import { type PythonValue, PythonValueSchema } from '../gen/es/beep/python/v1/value_pb.ts';
import { checked } from './option-names.ts';

/** What to run: code, or a script, a module, or a function with arguments. */
export type Source =
  | string
  /** A file, run as `__main__`; inside the session's workspace unless absolute. */
  | { readonly script: string; readonly argv?: readonly string[] }
  /** A module, run as `python -m`. */
  | { readonly module: string; readonly argv?: readonly string[] }
  /** "package.module:name", or a name in the session; its result is the value. */
  | {
      readonly function: string;
      readonly args?: readonly unknown[];
      readonly kwargs?: Readonly<Record<string, unknown>>;
    };

/** Turns an argument into a message; `path` names it in errors. */
export type EncodeArgument = (value: unknown, path: string) => PythonValue['kind'];

/** It as a message. Throws a TypeError for what cannot be run. */
export function sourceOf(
  source: Source,
  encode: EncodeArgument,
): MessageInitShape<typeof ExecuteRequestSchema>['source'] {
  if (typeof source === 'string') return { case: 'code', value: source };
  if (typeof source !== 'object' || source === null || Array.isArray(source)) throw nothingToRun(source);
  if ('script' in source) {
    checked(source, { script: true, argv: true }, 'a script');
    return { case: 'script', value: { path: text(source.script, 'script') } };
  }
  if ('module' in source) {
    checked(source, { module: true, argv: true }, 'a module');
    return { case: 'module', value: { name: text(source.module, 'module') } };
  }
  if ('function' in source) {
    const { args = [], kwargs = {} } = checked(source, { function: true, args: true, kwargs: true }, 'a function');
    if (!Array.isArray(args)) throw new TypeError('args is no array');
    if (typeof kwargs !== 'object' || kwargs === null) throw new TypeError('kwargs is no object');
    const message = (value: unknown, path: string) => create(PythonValueSchema, { kind: encode(value, path) });
    const named = Object.entries(kwargs).map(([name, value]) => [name, message(value, `kwargs["${name}"]`)]);
    return {
      case: 'function',
      value: {
        name: text(source.function, 'function'),
        args: args.map((value, index) => message(value, `args[${index}]`)),
        kwargs: Object.fromEntries(named),
      },
    };
  }
  checked(source, { script: true, module: true, function: true }, 'what is run');
  throw nothingToRun(source);
}

/** `sys.argv[1:]`: a script or a module has its own, for code the options have them. */
export function argvOf(source: Source, ofOptions: readonly string[] | undefined): string[] {
  const argv = (typeof source === 'object' && 'argv' in source ? source.argv : ofOptions) ?? [];
  // A text would be taken letter by letter.
  if (!Array.isArray(argv)) throw new TypeError('argv is no array');
  return argv.map((value, index) => text(value, `argv[${index}]`));
}

function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new TypeError(`${what} is no text: ${kindOf(value)}`);
  return value;
}

function nothingToRun(source: unknown): TypeError {
  const isEmpty = typeof source === 'object' && source !== null && !Array.isArray(source);
  const given = isEmpty ? 'an object without any of them' : kindOf(source);
  return new TypeError(`nothing to run: ${given}; it is code as text, or { script }, { module } or { function }`);
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
}
