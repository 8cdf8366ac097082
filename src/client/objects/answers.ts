/** What is asked of a place: its value, a handle, or both as it comes. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { OperationResult } from '../../gen/es/beep/python/v1/object_pb.ts';
import { ResultForm, type ResultPolicySchema } from '../../gen/es/beep/python/v1/value_pb.ts';
import { BeepError, hasReason } from '../beep-error.ts';
import { resultPolicy } from '../execute-request.ts';
import { decodeValue } from '../values/decode.ts';
import { type Action, type Node, nodeOf, type Resolve } from './node.ts';
import type { PythonObject, ValueOptions } from './python-object.ts';
import type { BatchOptions, Scope } from './scope.ts';

/** A value asked for by name may be as large as a message, less what is around it. */
const maxValueBytes = 12 * 1024 * 1024;

/** What awaiting gives, of items too. */
export const auto: MessageInitShape<typeof ResultPolicySchema> = resultPolicy();
const byHandle: MessageInitShape<typeof ResultPolicySchema> = { form: ResultForm.HANDLE };
const nothing: MessageInitShape<typeof ResultPolicySchema> = { form: ResultForm.NONE };

/** What awaiting a path gives. Code runs once, however often it is awaited. */
export function answerOf(scope: Scope, node: Node): Promise<unknown> {
  if (node.step.is !== 'operation') return ask(scope, node);
  node.answer ??= ask(scope, node);
  return node.answer;
}

/** What awaiting several paths gives, in one trip. */
export async function answersOf(scope: Scope, nodes: readonly Node[], options: BatchOptions): Promise<unknown[]> {
  await Promise.all(nodes.map(settled));
  // Each by an operation of its own: a result that others use as well is told without its handle.
  const results = await scope.send((plan) => nodes.map((node) => plan.add(node, undefined, auto)), options);
  return results.map((result, index) => keep(scope, nodes[index] as Node, result));
}

/** The exact value of what a path gives. */
export async function exactValueOf(scope: Scope, node: Node, options: ValueOptions = {}): Promise<unknown> {
  await settled(node);
  if (node.value !== undefined) return decodeValue(node.value, scope.objectOf);
  const { maxInlineBytes = maxValueBytes, lenient, numpyScalars, onNote } = options;
  const policy = resultPolicy({ form: 'VALUE', maxInlineBytes, lenient, numpyScalars });
  const sent = scope.send((plan) => [plan.want(node, policy)], options);
  const [result] = await sent.catch((error: unknown) => {
    throw isTooLarge(error) ? inChunks(error) : error;
  });
  for (const note of result?.notes ?? []) onNote?.(note);
  return decodeValue(result?.value, scope.objectOf);
}

/** The session says so of a value as a whole, whatever its kind. */
function isTooLarge(error: unknown): error is BeepError {
  return hasReason(error, 'CONVERSION_FAILED') && / larger than \d+ bytes/.test((error as BeepError).message);
}

function inChunks(cause: BeepError): BeepError {
  const message = `${cause.message}; take it in chunks with $readBytes, $readArray or $readArrow`;
  return new BeepError(cause.reason, message, { metadata: cause.metadata, cause });
}

/** The live object that a path gives. */
export async function handleOf(scope: Scope, node: Node, options?: BatchOptions): Promise<PythonObject> {
  await settled(node);
  const [result] = await scope.send((plan) => [plan.want(node, byHandle)], options);
  const object = objectOf(scope, result) as PythonObject;
  if (node.step.is === 'operation') node.held = nodeOf(object);
  return object;
}

/** Does something at the end of a path, or to a name of the session, and takes nothing of it. */
export async function act(
  scope: Scope,
  place: Node | string | undefined,
  action: (resolve: Resolve) => Action,
  options?: BatchOptions,
): Promise<void> {
  if (typeof place === 'object') await settled(place);
  await scope.send((plan) => [plan.add(place, action(plan.argument), nothing)], options);
}

/** Does something at the end of a path; answers with its result. */
export async function actFor(
  scope: Scope,
  node: Node,
  action: Action,
  options?: BatchOptions,
): Promise<OperationResult> {
  await settled(node);
  const [result] = await scope.send((plan) => [plan.add(node, action, auto)], options);
  return result as OperationResult;
}

/** The live object of a result. */
export function objectOf(scope: Scope, result: OperationResult | undefined): unknown {
  if (result?.handle === undefined)
    throw new BeepError('INTERNAL', 'the gateway sent no handle where one was asked for');
  return scope.objectOf(result.handle);
}

async function ask(scope: Scope, node: Node): Promise<unknown> {
  const [result] = await scope.send((plan) => [plan.want(node, auto)]);
  return keep(scope, node, result as OperationResult);
}

/** Remembers what code gave: a path that goes on from it goes on from there. */
function keep(scope: Scope, node: Node, { value, handle }: OperationResult): unknown {
  const isOnce = node.step.is === 'operation';
  if (handle !== undefined) {
    const object = scope.objectOf(handle);
    if (isOnce) node.held = nodeOf(object);
    return object;
  }
  if (isOnce) node.value = value;
  return decodeValue(value, scope.objectOf);
}

/** Waits until a path that was awaited has its answer; its failure is told to who awaited it. */
export async function settled(node: Node): Promise<void> {
  if (node.answer !== undefined && node.held === undefined) await node.answer.catch(() => {});
}
