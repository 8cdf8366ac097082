/**
 * The same short way for batches: operations of the usual kinds on handles, names, modules and earlier results,
 * with plain arguments. The validator costs 10 us for each operation.
 */
import type { ApplyRequest, Argument, ConverseRequest, Operation } from '../gen/es/beep/python/v1/object_pb.ts';
import type { PythonValue } from '../gen/es/beep/python/v1/value_pb.ts';
import { idForm, isEmpty } from './plain-execute.ts';

const moduleForm = /^[A-Za-z0-9_]+(?:[.][A-Za-z0-9_]+)*$/;
const maxOperations = 10_000;
const maxArguments = 1000;
const maxPath = 64;
/** Shorter than every bound in bytes, whatever is in it. */
const maxNameChars = 128;

/** Whether a batch has nothing that could break a rule; false means that the validator has to look. */
export function isPlainApply(request: ApplyRequest): boolean {
  return (
    idForm.test(request.sessionId) &&
    idForm.test(request.batchId) &&
    request.operations.length <= maxOperations &&
    request.onError === 0 &&
    request.release.length <= maxOperations &&
    request.release.every(isName) &&
    request.timeout === undefined &&
    request.operations.every(isPlainOperation)
  );
}

/** The same for a message of a conversation. */
export function isPlainConverse({ message }: ConverseRequest): boolean {
  if (message.case === 'cancel') return true;
  return message.case === 'batch' && message.value.request !== undefined && isPlainApply(message.value.request);
}

function isPlainOperation({ target, path, action, result }: Operation): boolean {
  return (
    (target === undefined || isPlainTarget(target.kind)) &&
    path.length <= maxPath &&
    path.every(isName) &&
    isPlainAction(action) &&
    (result === undefined || (result.form >= 0 && result.form <= 5 && result.mimeTypes.length === 0))
  );
}

function isPlainTarget(kind: NonNullable<Operation['target']>['kind']): boolean {
  switch (kind.case) {
    case 'handleId':
    case 'name':
      return isName(kind.value);
    case 'result':
      return true;
    case 'module':
      return kind.value.length <= maxNameChars && moduleForm.test(kind.value);
    default:
      return false;
  }
}

function isPlainAction(action: Operation['action']): boolean {
  switch (action.case) {
    case undefined:
    case 'measure':
    case 'release':
      return true;
    case 'call': {
      const { args, kwargs } = action.value;
      return args.length <= maxArguments && args.every(isPlainArgument) && isEmpty(kwargs);
    }
    case 'getItem':
      return isPlainArgument(action.value.key);
    default:
      return false;
  }
}

function isPlainArgument(argument: Argument | undefined): boolean {
  switch (argument?.kind.case) {
    case 'handleId':
      return isName(argument.kind.value);
    case 'result':
      return true;
    case 'value':
      return isPlainValue(argument.kind.value);
    default:
      return false;
  }
}

function isPlainValue({ kind }: PythonValue): boolean {
  return kind.case !== undefined && kind.case !== 'scalar' && kind.case !== 'tensor' && kind.case !== 'object';
}

function isName(text: string): boolean {
  return text.length > 0 && text.length <= maxNameChars;
}
