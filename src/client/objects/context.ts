/** Context managers: a `with` that spans trips. */
import { ResultForm } from '../../gen/es/beep/python/v1/value_pb.ts';
import { hasReason } from '../beep-error.ts';
import { PythonError } from '../python-error.ts';
import { suppressedError } from '../suppressed-error.ts';
import { decodeValue } from '../values/decode.ts';
import { actFor, auto, handleOf, objectOf, settled } from './answers.ts';
import { batchArgument, Node, nodeOf } from './node.ts';
import type { EnteredContext } from './python-object.ts';
import type { BatchOptions, Scope } from './scope.ts';

/** Enters it, in one trip; the manager is held until it is left. */
export async function enter(scope: Scope, node: Node, options?: BatchOptions): Promise<EnteredContext> {
  await settled(node);
  const [held, entered] = await scope.send((plan) => {
    const index = plan.want(node, { form: ResultForm.HANDLE });
    return [index, plan.addTo(index, { case: 'enterContext', value: {} }, auto)];
  }, options);
  const manager = nodeOf(objectOf(scope, held)) as Node;
  if (node.step.is === 'operation') node.held = manager;
  let left: Promise<boolean> | undefined;

  const leave = async (error: unknown, options: BatchOptions | undefined): Promise<boolean> => {
    let raised: Node | undefined;
    try {
      raised = error === undefined ? undefined : await exceptionOf(scope, error, options);
      const errorHandleId = raised?.step.is === 'handle' ? raised.step.ref.id : '';
      const result = await actFor(scope, manager, { case: 'exitContext', value: { errorHandleId } }, options);
      return raised !== undefined && isTrue(decodeValue(result.value, scope.objectOf));
    } catch (thrown) {
      // With its session, or with the process that it was in, the manager has gone: there is nothing to leave.
      if (hasReason(thrown, 'SESSION_CLOSED', 'SESSION_NOT_FOUND', 'STALE_HANDLE')) return false;
      throw thrown;
    } finally {
      scope.release(manager);
      if (raised !== undefined) scope.release(raised);
    }
  };
  const exit: EnteredContext['exit'] = (error, options) => {
    left ??= leave(error, options);
    return left;
  };
  return {
    value: entered?.handle === undefined ? decodeValue(entered?.value, scope.objectOf) : scope.objectOf(entered.handle),
    exit,
    async [Symbol.asyncDispose]() {
      // Who has left it by `exit` has been told of what that threw.
      if (left === undefined) await exit();
      else await left.catch(() => {});
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
    if (await leftBy(context, error)) return undefined;
    throw error;
  }
  await context.exit();
  return result;
}

/** Leaves by an error, which is not hidden by what leaving throws. */
async function leftBy(context: EnteredContext, error: unknown): Promise<boolean> {
  try {
    return await context.exit(error ?? new Error('the body threw nothing'));
  } catch (thrown) {
    throw suppressedError(thrown, error, 'leaving a context failed after its body had thrown');
  }
}

/** What Python is told of an error here: its own exception again by its class where that is a builtin, else a RuntimeError. */
async function exceptionOf(scope: Scope, error: unknown, options: BatchOptions | undefined): Promise<Node> {
  if (error instanceof PythonError && error.module === 'builtins') {
    try {
      return await made(scope, error.type, error.args, options);
    } catch {
      // Not every argument of an exception can be sent back.
    }
  }
  return await made(scope, 'RuntimeError', [textOf(error)], options);
}

async function made(scope: Scope, type: string, given: readonly unknown[], options: BatchOptions | undefined) {
  const args = given.map((value, index) => batchArgument(value, `args[${index}]`));
  const kind = new Node(scope, {
    is: 'attribute',
    of: new Node(scope, { is: 'module', name: 'builtins' }),
    name: type,
  });
  const call = new Node(scope, {
    is: 'operation',
    of: kind,
    action: (resolve) => ({ case: 'call', value: { args: args.map(resolve) } }),
  });
  return nodeOf(await handleOf(scope, call, options)) as Node;
}

/** Anything can be thrown, also what has no text. */
function textOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return `a thrown ${typeof error}`;
  }
}

function isTrue(value: unknown): boolean {
  return value !== null && value !== false && value !== 0 && value !== '';
}
