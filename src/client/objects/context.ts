/** Context managers: a `with` that spans trips. */
import { PythonError } from '../python-error.ts';
import { decodeValue } from '../values/decode.ts';
import { actFor, handleOf } from './answers.ts';
import { batchArgument, Node, nodeOf } from './node.ts';
import type { EnteredContext } from './python-object.ts';
import type { BatchOptions, Scope } from './scope.ts';

/** Enters it; the manager is held until it is left. */
export async function enter(scope: Scope, node: Node, options?: BatchOptions): Promise<EnteredContext> {
  const manager = nodeOf(await handleOf(scope, node, options)) as Node;
  const { value, handle } = await actFor(scope, manager, { case: 'enterContext', value: {} }, options);
  let left: Promise<boolean> | undefined;

  const leave = async (error: unknown): Promise<boolean> => {
    const raised = error === undefined ? undefined : await exceptionOf(scope, error);
    const errorHandleId = raised?.step.is === 'handle' ? raised.step.ref.id : '';
    try {
      const result = await actFor(scope, manager, { case: 'exitContext', value: { errorHandleId } });
      return raised !== undefined && isTrue(decodeValue(result.value, scope.objectOf));
    } finally {
      scope.release(manager);
      if (raised !== undefined) scope.release(raised);
    }
  };
  const exit = (error?: unknown) => {
    left ??= leave(error);
    return left;
  };
  return {
    value: handle === undefined ? decodeValue(value, scope.objectOf) : scope.objectOf(handle),
    exit,
    async [Symbol.asyncDispose]() {
      await exit();
    },
  };
}

/** Enters it, runs a body, and leaves it, by the error that the body throws. */
export async function within<T>(
  scope: Scope,
  node: Node,
  body: (value: unknown) => Promise<T> | T,
  options?: BatchOptions,
): Promise<T | undefined> {
  const context = await enter(scope, node, options);
  let result: T;
  try {
    result = await body(context.value);
  } catch (error) {
    if (await context.exit(error ?? new Error('the body threw nothing'))) return undefined;
    throw error;
  }
  await context.exit();
  return result;
}

/** What Python is told of an error here: its own exception again by its class where that is a builtin, else a RuntimeError. */
async function exceptionOf(scope: Scope, error: unknown): Promise<Node> {
  const isBuiltin = error instanceof PythonError && error.module === 'builtins';
  const args = (isBuiltin ? error.args : [String(error)]).map((value, index) => batchArgument(value, `args[${index}]`));
  const kind = new Node(scope, {
    is: 'attribute',
    of: new Node(scope, { is: 'module', name: 'builtins' }),
    name: isBuiltin ? error.type : 'RuntimeError',
  });
  const made = new Node(scope, {
    is: 'operation',
    of: kind,
    action: (resolve) => ({ case: 'call', value: { args: args.map(resolve) } }),
  });
  return nodeOf(await handleOf(scope, made)) as Node;
}

function isTrue(value: unknown): boolean {
  return value !== null && value !== false && value !== 0 && value !== '';
}
