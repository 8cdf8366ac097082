/** What a path or a live object stands for: where it begins, and what is done there. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ArgumentSchema, OperationSchema } from '../../gen/es/beep/python/v1/object_pb.ts';
import type { ObjectRef, PythonValue } from '../../gen/es/beep/python/v1/value_pb.ts';
import { type Encoded, encode } from '../values/encode.ts';

/** The session that an object is in. */
export interface Owner {
  /** Empty: the default session, whose id is not known here. */
  readonly sessionId: string;
}

/** A value for a batch: its live objects are put in when the batch is put together. */
export type BatchArgument = Encoded<Node>;

/** Turns arguments into messages of one batch. */
export type Resolve = (argument: BatchArgument) => MessageInitShape<typeof ArgumentSchema>;

/** What is done at a place. */
export type Action = Exclude<MessageInitShape<typeof OperationSchema>, { $typeName: string }>['action'];

/** One step of a path. */
export type Step =
  | { readonly is: 'handle'; readonly ref: ObjectRef }
  | { readonly is: 'module'; readonly name: string }
  /** A global of the session, or a builtin. */
  | { readonly is: 'name'; readonly name: string }
  | { readonly is: 'attribute'; readonly of: Node; readonly name: string }
  /** Looked up each time that it is needed, as an attribute is. */
  | { readonly is: 'item'; readonly of: Node; readonly action: (resolve: Resolve) => Action }
  /** Code that runs: once, whatever it is used for. */
  | { readonly is: 'operation'; readonly of: Node | undefined; readonly action: (resolve: Resolve) => Action };

/** One place, and what is known of it. */
export class Node {
  readonly owner: Owner;
  readonly step: Step;
  /** It is part of a batch that was sent. */
  hasRun = false;
  /** What awaiting it gives. */
  answer: Promise<unknown> | undefined;
  /** What it gave: by handle, or by value. */
  held: Node | undefined;
  value: PythonValue | undefined;

  constructor(owner: Owner, step: Step) {
    this.owner = owner;
    this.step = step;
  }
}

const nodes = new WeakMap<object, Node>();

/** Says what a path or an object stands for. */
export function register(proxy: object, node: Node): void {
  nodes.set(proxy, node);
}

/** What a path or an object stands for; undefined for everything else. */
export function nodeOf(value: unknown): Node | undefined {
  return typeof value === 'function' ? nodes.get(value) : undefined;
}

/** A value of the caller's for a batch, as it is now. Throws CONVERSION_FAILED with its path. */
export function batchArgument(value: unknown, path: string): BatchArgument {
  return encode(value, path, nodeOf);
}
